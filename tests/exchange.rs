//! The server was built for the other mode meanwhile: whoever was signed in exchanges their proof once, and stays.
//!
//! A story is written once. In token mode the old proof is a session and the new one a token; in cookie mode the other way
//! round. `Flip` hides which.

use std::time::Duration;

use app::domain::sign_in::Keep;
use futures::future::join_all;

use crate::support::devices::{id_of, list_of};
use crate::support::flip::{Flip, new_name};
use crate::support::{EMAIL, MODE, Mode};

const LATER: Duration = Duration::from_secs(12);

#[tokio::test]
async fn the_old_proof_is_exchanged_once_for_one_that_signs_in() {
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();

    let answer = flip.exchange(&mut browser).await;
    let viewer = browser.viewer().await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(viewer.as_deref(), Some(EMAIL));
    let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, [new_name()], "the old cookie is removed");
    let account = browser.call("/api/account", &[]).await;
    assert_eq!(account.status, 200);
}

#[tokio::test]
async fn the_row_and_both_its_ends_stay_and_the_kind_follows() {
    const ROW: &str = "SELECT id || ' ' || created_at || ' ' || idle_ends_at || ' ' || absolute_ends_at \
                       || ' ' || kept FROM sign_ins";
    let flip = Flip::begin(Keep::Longer).await;
    let before = flip.server.select(ROW).await;
    let mut browser = flip.browser();

    flip.exchange(&mut browser).await;
    let list = list_of(&mut browser).await;

    assert_eq!(flip.server.select(ROW).await, before);
    assert_eq!(list.len(), 1);
    assert_eq!(id_of(&list[0]), flip.sign_in_id);
    let kind = match MODE {
        Mode::CookieSession => "cookie",
        Mode::Jwt => "token",
    };
    assert_eq!(list[0]["kind"], kind);
}

#[tokio::test]
async fn a_kept_sign_in_keeps_a_lasting_cookie_and_any_other_does_not() {
    for (keep, lasts) in [(Keep::Longer, true), (Keep::WhileBrowserIsOpen, false)] {
        let flip = Flip::begin(keep).await;

        let answer = flip.exchange(&mut flip.browser()).await;

        let cookies = answer.set_cookies();
        let new = cookies.iter().find(|c| c.starts_with(new_name()));
        let new = new.unwrap();
        assert_eq!(new.ends_with("; Max-Age=2592000"), lasts, "{new}");
        assert_eq!(new.contains("Max-Age"), lasts, "{new}");
        assert!(
            new.contains("HttpOnly") && new.contains("Secure"),
            "SE-05 {new}"
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_to_the_same_attempt_however_late() {
    let flip = Flip::begin(Keep::Longer).await;
    let mut lost = flip.browser();
    let mut browser = flip.browser();

    flip.exchange(&mut lost).await;
    flip.server.let_pass(Duration::from_secs(6 * 60 * 60));
    let again = flip.exchange(&mut browser).await;

    assert_eq!(again.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(
        browser.cookies[new_name()],
        lost.cookies[new_name()],
        "one successor"
    );
}

#[tokio::test]
async fn ten_tabs_that_exchange_at_once_all_end_signed_in_with_one_proof() {
    let flip = Flip::begin(Keep::Longer).await;

    let tabs = (0..10).map(|_| async {
        let mut tab = flip.browser();
        let status = flip.exchange(&mut tab).await.status.as_u16();
        (status, tab)
    });
    let mut successors = std::collections::HashSet::new();
    let mut all = Vec::new();
    for (status, tab) in join_all(tabs).await {
        assert_eq!(status, 200);
        successors.insert(tab.cookies[new_name()].clone());
        all.push(tab);
    }

    assert_eq!(successors.len(), 1);
    for tab in &mut all {
        assert_eq!(tab.viewer().await.as_deref(), Some(EMAIL));
    }
}

#[tokio::test]
async fn a_second_tab_that_was_on_its_way_gets_nothing_and_ends_nothing() {
    let flip = Flip::begin(Keep::Longer).await;
    let (mut first, mut second) = (flip.browser(), flip.browser());

    flip.exchange(&mut first).await;
    first.viewer().await;
    let late = flip.exchange(&mut second).await;
    flip.server.let_pass(LATER);

    assert_eq!(
        second.viewer().await,
        None,
        "it needs the first tab's proof"
    );
    assert!(!second.cookies.contains_key(new_name()), "{late:?}");
    assert_eq!(first.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn the_neutral_shell_tells_only_that_a_cookie_came_along() {
    crate::only_in!(
        Mode::Jwt,
        "in cookie mode the page is rendered for the person who asks"
    );
    let flip = Flip::begin(Keep::Longer).await;

    let stranger = flip.server.browser().get("/account").await.body;
    let good = flip.browser().get("/account").await.body;
    let forged = flip.browser_with("x").get("/account").await.body;

    let asks = |html: &str| html.contains(r#"\"may_exchange\":true"#);
    assert!(!asks(&stranger), "no call for whoever has no cookie");
    assert!(asks(&good) && asks(&forged), "RT-14: it is not looked up");
    assert!(!good.contains(EMAIL));
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_is_exchanged_through_its_successor() {
    crate::only_in!(Mode::CookieSession, "only a refresh token is ever renewed");
    let flip = Flip::begin(Keep::Longer).await;
    let mut lost = flip.browser();
    let mut browser = flip.browser();

    assert_eq!(lost.call("/api/refresh", &[]).await.status, 200);
    flip.server.let_pass(LATER);
    let answer = flip.exchange(&mut browser).await;

    assert_eq!(answer.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(
        flip.server
            .select("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")
            .await,
        ["0"]
    );
}
