//! How long a sign-in lasts: by itself, when it is used, and at most.

use std::time::Duration;

use crate::support::{Browser, EMAIL, PASSWORD, TestServer};

const HOUR: Duration = Duration::from_secs(3600);

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
    let after_eleven = browser.is_still_in().await;
    server.let_pass(HOUR * 11);
    let used_meanwhile = browser.is_still_in().await;
    server.let_pass(HOUR * 12);
    let after_twelve = browser.is_still_in().await;

    assert!(after_eleven && used_meanwhile, "SE-10: use moves the end");
    assert!(!after_twelve);
}

#[tokio::test]
async fn a_kept_sign_in_lasts_fourteen_days_between_uses() {
    let server = TestServer::start().await;
    let mut browser = keep_signed_in(&server).await;

    server.let_pass(HOUR * 24 * 13);
    let after_thirteen_days = browser.is_still_in().await;
    server.let_pass(HOUR * 24 * 14);
    let after_fourteen_more = browser.is_still_in().await;

    assert!(after_thirteen_days);
    assert!(!after_fourteen_more);
}

#[tokio::test]
async fn thirty_days_are_the_end_however_much_it_is_used() {
    let server = TestServer::start().await;
    let mut browser = keep_signed_in(&server).await;

    for _ in 0..5 {
        server.let_pass(HOUR * 24 * 5);
        assert!(browser.is_still_in().await);
    }
    server.let_pass(HOUR * 24 * 5);

    assert!(!browser.is_still_in().await, "SE-11, RT-05");
}

#[tokio::test]
async fn giving_the_password_again_leaves_both_ends_where_they_were() {
    let confirmation = [("password", PASSWORD)];
    let server = TestServer::start().await;
    let (mut kept, mut idle) = (keep_signed_in(&server).await, server.browser());

    for _ in 0..5 {
        server.let_pass(HOUR * 24 * 5);
        assert!(kept.is_still_in().await);
    }
    server.let_pass(HOUR * (24 * 5 - 1));
    idle.sign_in().await;
    for browser in [&mut kept, &mut idle] {
        assert!(browser.is_still_in().await);
        let ends =
            "SELECT idle_ends_at || ' ' || absolute_ends_at FROM sign_ins ORDER BY created_at";
        let before = server.select(ends).await;
        let confirmed = browser.call("/api/confirm", &confirmation).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        assert_eq!(server.select(ends).await, before, "SE-10, SE-11");
    }
    server.let_pass(HOUR);
    let past_the_absolute_end = kept.is_still_in().await;
    server.let_pass(HOUR * 11);

    assert!(!past_the_absolute_end, "SE-11");
    assert!(!idle.is_still_in().await, "SE-10");
}

#[tokio::test]
async fn a_hundred_requests_mark_the_sign_in_as_seen_at_most_once() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    server.let_pass(Duration::from_secs(50));
    if browser.token.is_some() {
        browser.call("/api/refresh", &[]).await;
    }
    server.let_pass(Duration::from_secs(15));
    let before = server.select("SELECT last_seen_at FROM sign_ins").await;

    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        browser.viewer().await;
        seen.extend(server.select("SELECT last_seen_at FROM sign_ins").await);
    }

    assert_eq!(seen.len(), 1, "SE-10: {seen:?}");
    assert!(!seen.contains(&before[0]));
}

#[tokio::test]
async fn of_many_requests_at_once_one_marks_the_sign_in_as_seen() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    server.let_pass(Duration::from_secs(90));
    server.count_updates_of("sign_ins").await;

    let requests = (0..20).map(|_| {
        let mut browser = browser.clone();
        tokio::spawn(async move { browser.viewer().await })
    });
    for request in requests.collect::<Vec<_>>() {
        assert!(request.await.unwrap().is_some());
    }

    assert_eq!(
        server.select("SELECT count(*) FROM updates").await,
        ["1"],
        "SE-10"
    );
}

#[tokio::test]
async fn every_end_can_be_set() {
    let settings = [
        ("TWOFOLD_IDLE_MINUTES", "15"),
        ("TWOFOLD_IDLE_DAYS_KEPT", "2"),
        ("TWOFOLD_SIGN_IN_DAYS", "3"),
    ];
    let server = TestServer::start_with(&settings, axum::Router::new()).await;
    let mut kept = keep_signed_in(&server).await;
    let mut unkept = server.browser();
    unkept.sign_in().await;

    server.let_pass(HOUR / 4);
    let idle_for_a_quarter = unkept.is_still_in().await;
    server.let_pass(HOUR * 47);
    let kept_for_two_days = kept.is_still_in().await;
    server.let_pass(HOUR * 25);
    let after_three_days = kept.is_still_in().await;

    assert!(!idle_for_a_quarter, "SE-10");
    assert!(kept_for_two_days);
    assert!(!after_three_days, "SE-11, RT-05");
}

#[tokio::test]
async fn whoever_is_busy_stays_signed_in_under_the_shortest_idle_time() {
    let shortest = [("TWOFOLD_IDLE_MINUTES", "5")];
    let server = TestServer::start_with(&shortest, axum::Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    for _ in 0..20 {
        server.let_pass(Duration::from_secs(59));
        assert!(browser.is_still_in().await);
    }
    server.let_pass(HOUR / 12);

    assert!(!browser.is_still_in().await);
}
