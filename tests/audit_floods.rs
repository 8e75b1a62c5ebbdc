//! Whoever tries on and on fills neither the audit trail nor the disk, and puts no words of theirs into it.

use std::time::Duration;

use axum::Router;

use crate::support::trail::trail;
use crate::support::{EMAIL, MODE, Mode, TestServer};

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn count(server: &TestServer, what: &str) -> usize {
    let all = trail(server).await;
    all.iter().filter(|row| row.starts_with(what)).count()
}

#[tokio::test]
async fn what_a_limit_refuses_unseen_is_noted_once_for_a_known_address_as_for_an_unknown_one() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    server.browser().sign_up().await;

    for email in [EMAIL, "nobody@example.com"] {
        let mut guesser = server.browser();
        for _ in 0..60 {
            guesser.sign_in_with(email, "a wrong password").await;
        }
    }

    let ada = "sign_in_refused wrong_password password ada@example.com";
    assert_eq!(count(&server, ada).await, 10);
    let nobody = "sign_in_refused unknown_address password nobody";
    assert_eq!(count(&server, nobody).await, 10);
    let refused = "sign_in_refused throttled password ada@example.com";
    assert_eq!(count(&server, refused).await, 1);
    let refused = "sign_in_refused throttled password nobody";
    assert_eq!(count(&server, refused).await, 1);
}

#[tokio::test]
async fn an_hour_later_the_same_limit_is_noted_again() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    server.browser().sign_up().await;
    let mut guesser = server.browser();

    for _ in 0..2 {
        for _ in 0..15 {
            guesser.sign_in_with(EMAIL, "a wrong password").await;
        }
        server.let_pass(HOUR + Duration::from_secs(1));
    }

    assert_eq!(count(&server, "sign_in_refused throttled").await, 2);
}

#[tokio::test]
async fn whoever_signs_in_again_and_again_is_told_to_wait_also_with_the_right_password() {
    let few = [("TWOFOLD_PASSWORDS_PER_ACCOUNT", "30")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    server.browser().sign_up().await;
    let mut known = server.browser();

    let mut statuses = Vec::new();
    for number in 0..40 {
        let mut stranger = server.browser();
        let browser = if number < 20 {
            &mut stranger
        } else {
            &mut known
        };
        statuses.push(browser.sign_in().await.status.as_u16());
    }

    assert_eq!(statuses, [[200].repeat(30), [429].repeat(10)].concat());
    assert_eq!(
        count(&server, "signed_in").await,
        1 + 30,
        "with the sign-up's"
    );
    assert_eq!(count(&server, "sign_in_refused throttled").await, 1);
    // They come back one by one.
    server.let_pass(HOUR / 30 + Duration::from_secs(1));
    assert_eq!(server.browser().sign_in().await.status, 200);
    assert_eq!(server.browser().sign_in().await.status, 429);
}

#[tokio::test]
async fn one_password_for_very_many_accounts_is_a_row_for_each_that_was_looked_at_and_one_more() {
    let few = [("TWOFOLD_GUESSES_PER_ADDRESS", "20")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let mut guesser = server.browser();

    for number in 0..80 {
        let email = format!("{number}@example.com");
        guesser.sign_in_with(&email, "a wrong password").await;
    }

    assert_eq!(count(&server, "sign_in_refused unknown_address").await, 20);
    let limit = "sign_in_refused throttled password nobody";
    assert_eq!(count(&server, limit).await, 1);
    let written = "SELECT count(*) FROM tries WHERE bucket LIKE 'noted %'";
    assert_eq!(server.select(written).await, ["1"], "TH-09");
}

#[tokio::test]
async fn sign_ups_with_a_taken_address_are_noted_ten_times_an_hour() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    server.browser().sign_up().await;

    for _ in 0..70 {
        server.browser().sign_up().await;
    }

    assert_eq!(count(&server, "sign_up_refused email_taken").await, 10);
    assert_eq!(count(&server, "sign_up_refused throttled").await, 1);
}

#[tokio::test]
async fn renewals_beyond_the_limit_are_noted_once() {
    let few = [("TWOFOLD_RENEWALS_PER_ADDRESS", "5")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let mut browser = server.browser();

    for _ in 0..20 {
        browser.call("/api/refresh", &[]).await;
    }

    let row = "renewal_refused throttled refresh_token nobody";
    assert_eq!(trail(&server).await, [row]);
    server.let_pass(HOUR);
    for _ in 0..20 {
        browser.call("/api/refresh/exchange", &[]).await;
    }
    // What the other mode handed out.
    let shown = match MODE {
        Mode::CookieSession => "refresh_token",
        Mode::Jwt => "session",
    };
    let other = format!("renewal_refused throttled {shown} nobody");
    assert_eq!(trail(&server).await, [row, &other]);
}

#[tokio::test]
async fn what_was_typed_is_in_no_row() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut browser = server.browser();
    let typed = "my.secret.password@example.com";

    browser.sign_in_with(typed, "typed-password-canary").await;
    browser.sign_in_with("typed-password-canary", typed).await;
    browser.sign_in_with(EMAIL, "typed-password-canary").await;
    browser
        .call(
            "/api/sign_up",
            &[("email", EMAIL), ("password", "typed-password-canary")],
        )
        .await;

    let rows = server
        .select(
            "SELECT event || ' ' || COALESCE(reason, '') || address || user_agent || request_id || id \
             || COALESCE(user_id, '') || COALESCE(sign_in_id, '') || factor FROM audit_events",
        )
        .await;
    assert_eq!(rows.len(), 5);
    for row in rows {
        assert!(!row.contains("secret") && !row.contains("canary"), "{row}");
    }
}
