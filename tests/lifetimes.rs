//! How long a sign-in lasts: by itself, when it is used, and at most.

use std::time::Duration;

use crate::support::{Browser, EMAIL, PASSWORD, TestServer};

const HOUR: Duration = Duration::from_secs(3600);

/// Whether the person is still signed in, as their browser would find out: renewing the token if there is one.
async fn is_still_in(browser: &mut Browser) -> bool {
    if browser.token.is_some() {
        browser.call("/api/refresh", &[]).await;
    }
    browser.viewer().await.is_some()
}

async fn keep_signed_in(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    let fields = [("email", EMAIL), ("password", PASSWORD), ("keep", "true")];
    browser.call("/api/sign_up", &fields).await;
    browser
}

#[tokio::test]
async fn twelve_hours_without_a_request_end_a_sign_in() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    server.let_pass(HOUR * 11);
    let after_eleven = is_still_in(&mut browser).await;
    server.let_pass(HOUR * 11);
    let used_meanwhile = is_still_in(&mut browser).await;
    server.let_pass(HOUR * 12);
    let after_twelve = is_still_in(&mut browser).await;

    assert!(after_eleven && used_meanwhile, "SE-10: use moves the end");
    assert!(!after_twelve);
}

#[tokio::test]
async fn a_kept_sign_in_lasts_fourteen_days_between_uses() {
    let server = TestServer::start().await;
    let mut browser = keep_signed_in(&server).await;

    server.let_pass(HOUR * 24 * 13);
    let after_thirteen_days = is_still_in(&mut browser).await;
    server.let_pass(HOUR * 24 * 14);
    let after_fourteen_more = is_still_in(&mut browser).await;

    assert!(after_thirteen_days);
    assert!(!after_fourteen_more);
}

#[tokio::test]
async fn thirty_days_are_the_end_however_much_it_is_used() {
    let server = TestServer::start().await;
    let mut browser = keep_signed_in(&server).await;

    for _ in 0..5 {
        server.let_pass(HOUR * 24 * 5);
        assert!(is_still_in(&mut browser).await);
    }
    server.let_pass(HOUR * 24 * 5);

    assert!(!is_still_in(&mut browser).await, "SE-11, RT-05");
}

#[tokio::test]
async fn a_hundred_requests_mark_the_sign_in_as_seen_at_most_once() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    server.let_pass(Duration::from_secs(280));
    if browser.token.is_some() {
        browser.call("/api/refresh", &[]).await;
    }
    server.let_pass(Duration::from_secs(30));
    let before = server.select("SELECT last_seen_at FROM sign_ins").await;

    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        browser.viewer().await;
        seen.extend(server.select("SELECT last_seen_at FROM sign_ins").await);
    }

    assert_eq!(seen.len(), 1, "SE-10: {seen:?}");
    assert!(!seen.contains(&before[0]));
}
