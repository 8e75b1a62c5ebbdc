//! What exchanges nothing: an ended sign-in, a copy, a forgery, another site.

use std::time::Duration;

use app::domain::sign_in::Keep;

use crate::support::flip::{Flip, old_name};
use crate::support::{EMAIL, MODE, Mode};

const LATER: Duration = Duration::from_secs(12);

#[tokio::test]
async fn an_exchanged_proof_signs_nobody_in_any_more() {
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();

    flip.exchange(&mut browser).await;

    assert!(
        !flip.takes_old_proof().await,
        "not even before the new one is used"
    );
    browser.viewer().await;
    assert!(!flip.takes_old_proof().await);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_copy_of_the_old_proof_used_later_ends_the_whole_sign_in() {
    let flip = Flip::begin(Keep::Longer).await;
    let (mut browser, mut thief) = (flip.browser(), flip.thief());

    flip.exchange(&mut browser).await;
    browser.viewer().await;
    flip.server.let_pass(LATER);
    let stolen = flip.exchange(&mut thief).await;

    assert_eq!(
        (stolen.status.as_u16(), stolen.error().as_str()),
        (401, "signed_out"),
        "RT-02"
    );
    assert!(!thief.cookies.contains_key(old_name()), "removed");
    assert_eq!(browser.viewer().await, None);
}

#[tokio::test]
async fn an_ended_sign_in_exchanges_nothing() {
    let ended = Flip::begin(Keep::Longer).await;
    ended.end().await;
    let unused = Flip::begin(Keep::WhileBrowserIsOpen).await;
    unused.server.let_pass(Duration::from_secs(12 * 60 * 60));
    let run_out = Flip::begin(Keep::Longer).await;
    run_out
        .server
        .let_pass(Duration::from_secs(30 * 24 * 60 * 60));
    let disabled = Flip::begin(Keep::Longer).await;
    disabled
        .server
        .execute("UPDATE users SET disabled_at = 1".to_owned())
        .await;

    for flip in [ended, unused, run_out, disabled] {
        let mut browser = flip.browser();
        let answer = flip.exchange(&mut browser).await;

        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (401, "signed_out")
        );
        assert_eq!(browser.cookies.len(), 0, "removed, and no other set");
        assert_eq!(flip.proofs_of_new_kind().await, "0");
    }
}

#[tokio::test]
async fn forged_doubled_and_malformed_proofs_exchange_nothing() {
    let flip = Flip::begin(Keep::Longer).await;
    let long = "A".repeat(5_000);
    let good = flip.old_proof.clone();

    for value in [
        "",
        "x",
        "AAAA",
        &long,
        "' OR 1=1",
        &"A".repeat(22),
        &"A".repeat(43),
        &good[1..],
    ] {
        let mut browser = flip.browser_with(value);
        let answer = flip.exchange(&mut browser).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (401, "signed_out"),
            "SE-03, RE-06 {value}"
        );
    }
    let doubled = flip.browser_with(&format!("{good}; {}={good}", old_name()));
    assert_eq!(flip.exchange(&mut doubled.clone()).await.status, 400, "T22");
    let nothing = flip.exchange(&mut flip.server.browser()).await;
    assert_eq!(
        (nothing.status.as_u16(), nothing.error().as_str()),
        (401, "signed_out")
    );

    assert_eq!(flip.proofs_of_new_kind().await, "0");
    assert_eq!(
        flip.exchange(&mut flip.browser()).await.status,
        200,
        "the good one still is"
    );
}

#[tokio::test]
async fn another_site_and_a_link_exchange_nothing() {
    let flip = Flip::begin(Keep::Longer).await;
    let cookie = format!("{}={}", old_name(), flip.old_proof);

    for (method, site) in [
        ("POST", "cross-site"),
        ("POST", "same-site"),
        ("GET", "same-origin"),
        ("GET", "none"),
    ] {
        let request = flip
            .browser()
            .bare(method, "/api/refresh/exchange")
            .header("sec-fetch-site", site)
            .header("cookie", &cookie);
        let status = request.send().await.unwrap().status();
        assert!(
            status.is_client_error(),
            "SF-01, SF-04 {method} {site} {status}"
        );
    }

    assert_eq!(flip.proofs_of_new_kind().await, "0");
}

#[tokio::test]
async fn a_database_that_fails_removes_nothing() {
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();

    flip.server
        .refuse(match MODE {
            Mode::CookieSession => "INSERT ON sessions",
            Mode::Jwt => "INSERT ON refresh_tokens",
        })
        .await;
    let failed = flip.exchange(&mut browser).await;
    flip.server.refuse_no_more().await;

    assert!(failed.status.is_server_error(), "AV-08 {}", failed.body);
    assert_eq!(failed.set_cookies(), Vec::<&str>::new());
    assert_eq!(flip.exchange(&mut browser).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_that_was_spent_long_ago_ends_the_sign_in_here_too() {
    crate::only_in!(Mode::CookieSession, "only a refresh token is ever renewed");
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();
    let mut thief = flip.thief();

    browser.call("/api/refresh", &[]).await;
    flip.server.let_pass(LATER);
    let stolen = flip.exchange(&mut thief).await;

    assert_eq!(stolen.status, 401, "RT-02");
    assert_eq!(flip.exchange(&mut browser).await.status, 401);
}
