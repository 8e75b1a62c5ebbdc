//! Names of attempts when the mode changes: whoever lost answers is no thief, and a thief who knows the name is found out by the
//! next ones (RT-02, RFC 9700 §4.14.2).

use std::time::Duration;

use app::domain::sign_in::Keep;

use crate::only_in;
use crate::support::flip::Flip;
use crate::support::{EMAIL, Mode};

const WHY: &str = "only cookie mode gives sessions for refresh tokens";
const LATER: Duration = Duration::from_secs(12);

#[tokio::test]
async fn a_renewal_after_two_lost_answers_is_late_and_no_copy() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();
    let (mut renewed, mut exchanged) = (browser.clone(), browser.clone());

    flip.renew(&mut renewed).await;
    flip.server.let_pass(LATER);
    assert_eq!(flip.exchange(&mut exchanged).await.status, 200);
    let late = flip.renew(&mut browser).await;
    browser.rename_attempt("AnotherNameForAllTabsOfIt");

    assert_eq!((late, flip.renew(&mut browser).await), (409, 409));
    assert_eq!(flip.exchange(&mut browser).await.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(flip.noted().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_thief_with_the_name_of_an_exchange_is_found_out_by_the_owners_next_names() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.browser());

    flip.exchange(&mut thief).await;
    assert_eq!(thief.viewer().await.as_deref(), Some(EMAIL));
    flip.server.let_pass(LATER);
    for next in ["TheSecondNameForAllTabsOfIt", "TheThirdNameForAllTabsOfIt"] {
        let overtaken = flip.exchange(&mut owner).await;
        assert_eq!(
            (overtaken.status.as_u16(), overtaken.error().as_str()),
            (409, "overtaken")
        );
        owner.rename_attempt(next);
    }

    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert_eq!(thief.viewer().await, None);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}
