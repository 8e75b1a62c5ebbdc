//! Somebody has a copy of the refresh token and exchanges it for a session, which is never renewed and so would never be
//! found out by itself (RT-02, RFC 9700 §4.14.2). The server takes refresh tokens in every build, so that no change of the
//! mode is needed for trying.

use std::time::Duration;

use app::domain::sign_in::Keep;

use crate::only_in;
use crate::support::flip::{Flip, new_name, old_name};
use crate::support::{EMAIL, Mode};

const WHY: &str = "only cookie mode gives sessions for refresh tokens";
const LATER: Duration = Duration::from_secs(12);

#[tokio::test]
async fn a_session_that_a_thief_keeps_for_later_dies_when_the_owner_renews() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());

    assert_eq!(flip.exchange(&mut thief).await.status, 200);
    flip.server.let_pass(LATER);

    assert_eq!(flip.renew(&mut owner).await, 401);
    assert_eq!(thief.viewer().await, None);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_session_that_a_thief_keeps_for_later_dies_when_the_owner_exchanges() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());

    assert_eq!(flip.exchange(&mut thief).await.status, 200);
    flip.server.let_pass(LATER);

    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert!(!owner.cookies.contains_key(new_name()), "not the same one");
    assert_eq!(thief.viewer().await, None);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_copy_gets_nothing_of_what_the_owner_renewed_just_now() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());

    assert_eq!(flip.renew(&mut owner).await, 200);
    let early = flip.exchange(&mut thief).await;

    assert_eq!(early.status, 409);
    assert!(!thief.cookies.contains_key(new_name()), "{early:?}");
    owner.attempt = None;
    assert_eq!(
        flip.renew(&mut owner).await,
        200,
        "the owner's is still live"
    );
    flip.server.let_pass(LATER);
    assert_eq!(flip.exchange(&mut thief).await.status, 401);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn an_owner_who_comes_within_seconds_of_the_thief_keeps_what_finds_it_out() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());

    flip.exchange(&mut thief).await;
    assert_eq!(thief.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(flip.renew(&mut owner).await, 409);
    assert_eq!(flip.exchange(&mut owner).await.status, 409);
    assert!(owner.cookies.contains_key(old_name()), "to try again with");
    flip.server.let_pass(LATER);

    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert_eq!(thief.viewer().await, None);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_planted_refresh_cookie_signs_nobody_in() {
    only_in!(
        Mode::CookieSession,
        "another host of the domain can plant the refresh cookie, and no session cookie"
    );
    let flip = Flip::begin(Keep::Longer).await;
    let mut victim = flip.browser();

    for sid in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let mut tab = victim.clone();
        let answer = tab.call("/api/refresh/exchange", &[("sid", sid)]).await;
        assert_eq!(answer.status, 401, "{sid}");
        assert!(!tab.cookies.contains_key(new_name()), "{sid}");
    }
    assert_eq!(
        flip.exchange(&mut victim).await.status,
        200,
        "what was refused spent nothing"
    );
}

#[tokio::test]
async fn whoever_is_signed_in_stays_who_they_are() {
    only_in!(
        Mode::CookieSession,
        "in token mode whoever has a token asks for no exchange"
    );
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();
    browser.sign_up_as("bob@example.com").await;

    let answer = flip.exchange(&mut browser).await;

    assert_eq!(answer.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some("bob@example.com"));
    assert!(!browser.cookies.contains_key(old_name()), "SE-02");
    let mut before = flip.browser();
    assert_eq!(flip.exchange(&mut before).await.status, 401, "it has ended");
}

#[tokio::test]
async fn the_owner_never_gets_the_session_of_a_thief_who_was_given_the_lost_answer() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());
    let mut lost = owner.clone();

    assert_eq!(flip.renew(&mut lost).await, 200);
    assert_eq!(
        flip.renew(&mut thief).await,
        200,
        "for ten seconds for everybody"
    );
    thief.token = None;
    assert_eq!(flip.exchange(&mut thief).await.status, 200);
    assert!(thief.cookies.contains_key(new_name()));
    flip.server.let_pass(LATER);

    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert!(!owner.cookies.contains_key(new_name()));
    assert_eq!(thief.viewer().await, None);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_thief_who_renewed_the_lost_answer_is_found_out_by_the_owners_next_name() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());
    let mut lost = owner.clone();

    flip.renew(&mut lost).await;
    for _ in 0..2 {
        assert_eq!(flip.renew(&mut thief).await, 200);
    }
    flip.server.let_pass(LATER);
    let overtaken = flip.exchange(&mut owner).await;
    owner.rename_attempt("AnotherNameForAllTabsOfIt");

    assert_eq!(
        (overtaken.status.as_u16(), overtaken.error().as_str()),
        (409, "overtaken")
    );
    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert_eq!(flip.renew(&mut thief).await, 401);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_renewal_by_the_name_of_the_exchange_is_late_and_no_copy() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();
    let mut lost = browser.clone();

    flip.exchange(&mut lost).await;
    flip.server.let_pass(LATER);

    assert_eq!(flip.renew(&mut browser).await, 409);
    assert_eq!(flip.exchange(&mut browser).await.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(flip.noted().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_owner_who_comes_within_seconds_keeps_the_session_that_finds_a_thief_out() {
    only_in!(Mode::Jwt, "only token mode gives tokens for sessions");
    let flip = Flip::begin(Keep::Longer).await;
    let (mut owner, mut thief) = (flip.browser(), flip.thief());

    flip.exchange(&mut thief).await;
    assert_eq!(thief.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(flip.renew(&mut thief).await, 200);
    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert!(owner.cookies.contains_key(old_name()), "to try again with");
    flip.server.let_pass(LATER);

    assert_eq!(flip.exchange(&mut owner).await.status, 401);
    assert_eq!(flip.renew(&mut thief).await, 401);
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_tab_that_comes_much_later_than_the_one_that_was_quicker_ends_nothing() {
    only_in!(Mode::Jwt, "only token mode gives tokens for sessions");
    let flip = Flip::begin(Keep::Longer).await;
    let (mut first, mut second) = (flip.browser(), flip.browser());

    assert_eq!(flip.exchange(&mut first).await.status, 200);
    assert_eq!(flip.renew(&mut first).await, 200);
    flip.server.let_pass(Duration::from_secs(60 * 60));
    let late = flip.exchange(&mut second).await;

    assert_eq!(
        (late.status.as_u16(), late.error().as_str()),
        (401, "signed_out")
    );
    assert_eq!(flip.renew(&mut first).await, 200, "the sign-in goes on");
    assert_eq!(flip.noted().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_exchange_does_not_take_what_a_renewal_of_its_attempt_may_still_bring() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let (mut first, mut second) = (flip.browser(), flip.browser());

    assert_eq!(flip.renew(&mut first).await, 200);
    let early = flip.exchange(&mut second).await;
    flip.server.let_pass(LATER);
    first.attempt = Some("TheNameOfTheNextAttempt");

    assert_eq!(
        (early.status.as_u16(), early.error().as_str()),
        (409, "old_page")
    );
    assert_eq!(flip.exchange(&mut first).await.status, 200);
    assert_eq!(flip.noted().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_page_of_cookie_mode_is_not_told_that_it_is_signed_out_by_a_server_of_token_mode() {
    only_in!(Mode::Jwt, "the other way round is a story of its own");
    let flip = Flip::begin(Keep::Longer).await;
    let mut page = flip.browser();

    let sid = [("sid", flip.sign_in_id.as_str())];
    let answer = page.call("/api/refresh/exchange", &sid).await;

    assert_eq!(
        (answer.status.as_u16(), answer.error().as_str()),
        (409, "old_page")
    );
    assert_eq!(answer.set_cookies(), Vec::<&str>::new());
    assert_eq!(flip.exchange(&mut page).await.status, 200);
}

#[tokio::test]
async fn a_page_of_token_mode_does_not_lose_its_refresh_cookie_to_a_server_of_cookie_mode() {
    only_in!(
        Mode::CookieSession,
        "the other way round is a story of its own"
    );
    let flip = Flip::begin(Keep::Longer).await;
    let mut page = flip.browser();

    let answer = page.call("/api/refresh/exchange", &[]).await;

    assert_eq!(answer.status, 401);
    assert_eq!(answer.set_cookies(), Vec::<&str>::new());
    assert_eq!(flip.exchange(&mut page).await.status, 200);
}
