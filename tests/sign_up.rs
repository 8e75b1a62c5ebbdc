//! Making an account.

use crate::support::{EMAIL, PASSWORD, TestServer};

#[tokio::test]
async fn a_new_person_is_signed_in_at_once() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let answer = browser.sign_up().await;

    assert_eq!(answer.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn the_account_shows_the_address_and_the_day() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let account = browser.call("/api/account", &[]).await.json();

    let year = account["member_since"]
        .as_str()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(account["email"], EMAIL);
    assert!(year.parse::<u16>().unwrap() >= 2026, "{account}");
}

#[tokio::test]
async fn a_taken_address_is_refused_in_any_spelling() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    for spelling in [EMAIL, "ADA@example.com", " ada@EXAMPLE.com "] {
        let answer = server.browser().sign_up_as(spelling).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (409, "email_taken")
        );
    }
}

#[tokio::test]
async fn of_many_sign_ups_for_one_address_at_once_one_succeeds() {
    let server = TestServer::start().await;

    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let mut browser = server.browser();
            tokio::spawn(async move { browser.sign_up().await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }

    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "RE-11"
    );
    assert!(
        statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(server.select("SELECT count(*) FROM users").await, ["1"]);
}

#[tokio::test]
async fn a_short_password_is_refused_with_the_length_to_reach() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let fields = [("email", EMAIL), ("password", "elevenchars")];
    let answer = browser.call("/api/sign_up", &fields).await;

    assert_eq!(answer.status, 422);
    assert_eq!(answer.body, r#"{"error":"password_too_short","least":12}"#);
    assert_eq!(browser.viewer().await, None);
}

#[tokio::test]
async fn the_least_length_can_be_configured() {
    let variables = [("TWOFOLD_PASSWORD_MIN_LENGTH", "30")];
    let server = TestServer::start_with(&variables, axum::Router::new()).await;

    let answer = server.browser().sign_up().await;

    assert_eq!(PASSWORD.len(), 28);
    assert_eq!(answer.status, 422);
}
