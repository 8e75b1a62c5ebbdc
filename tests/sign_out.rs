//! Ending a sign-in.

use crate::only_in;
use crate::support::{EMAIL, Mode, TestServer};

#[tokio::test]
async fn after_signing_out_the_old_proof_is_worth_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut thief = browser.clone();
    assert_eq!(thief.viewer().await.as_deref(), Some(EMAIL));

    let answer = browser.sign_out().await;

    assert_eq!(answer.status, 200);
    assert_eq!(thief.viewer().await, None, "SE-06");
    assert_eq!(thief.call("/api/account", &[]).await.status, 401);
    assert_eq!(thief.call("/api/refresh", &[]).await.status, 401);
}

#[tokio::test]
async fn the_cookies_are_removed_with_all_their_attributes() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser.sign_out().await;

    // A removal of a `__Host-` cookie that is not `Secure` is ignored by browsers (T16).
    assert_eq!(
        answer.set_cookies(),
        [
            "__Host-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0",
            "__Secure-refresh=; HttpOnly; SameSite=Strict; Secure; Path=/api/refresh; Max-Age=0",
        ]
    );
    assert!(!browser.has_proof());
}

#[tokio::test]
async fn the_browser_is_told_to_drop_the_pages_it_keeps_and_nothing_else() {
    let server = TestServer::start().await;

    for endpoint in ["/api/sign_out", "/api/end_all_sign_ins"] {
        let mut browser = server.browser();
        browser
            .sign_up_as(&format!("{}@example.com", &endpoint[5..]))
            .await;
        let account = browser.call("/api/account", &[]).await;

        let answer = browser.call(endpoint, &[]).await;

        assert_eq!(answer.status, 200, "{endpoint} {}", answer.body);
        // Not `"storage"`, which would empty what other pages keep there, nor `"cookies"`, which reaches other apps on the domain.
        assert_eq!(
            answer.header("clear-site-data"),
            "\"cache\"",
            "FE-14 {endpoint}"
        );
        assert_eq!(account.header("clear-site-data"), "");
    }
}

#[tokio::test]
async fn signing_out_twice_or_without_being_signed_in_is_fine() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let statuses = [
        browser.sign_out().await.status,
        browser.sign_out().await.status,
        server.browser().sign_out().await.status,
    ];

    assert!(
        statuses.iter().all(|status| *status == 200),
        "SE-07 {statuses:?}"
    );
}

#[tokio::test]
async fn following_a_link_never_signs_out() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser.get("/api/sign_out").await;

    assert_eq!(answer.status, 405, "SF-04, T03");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn without_scripts_the_button_leads_to_the_start_page() {
    only_in!(
        Mode::CookieSession,
        "token mode cannot sign in without scripts, so there is nothing to end"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser
        .post_form("/account", "/api/sign_out", &[("next", "/")])
        .await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/")
    );
    assert_eq!(answer.header("clear-site-data"), "\"cache\"", "FE-14");
    assert_eq!(browser.get("/account").await.status, 303);
}
