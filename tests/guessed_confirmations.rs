//! Passwords that are guessed where a page asks for it once more: a borrowed browser must not find it out there (TH-07, SU-01).

use std::time::Duration;

use app::domain::password::Password;
use app::server::caller::Caller;
use app::server::throttle::Guesser;
use axum::Router;

use crate::support::devices::user_of;
use crate::support::trail::{noted_by, trail};
use crate::support::{Answer, Browser, PASSWORD, TestServer};

async fn confirm(browser: &mut Browser, password: &str) -> Answer {
    browser
        .call("/api/confirm", &[("password", password)])
        .await
}

async fn signed_up() -> (TestServer, Browser) {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    (server, browser)
}

#[tokio::test]
async fn after_ten_wrong_passwords_the_right_one_confirms_nothing_until_the_wait_is_over() {
    let (server, mut browser) = signed_up().await;

    let mut refused = Vec::new();
    for _ in 0..10 {
        refused.push(confirm(&mut browser, "a wrong password").await.error());
    }
    let wrong = confirm(&mut browser, "a wrong password").await;
    let right = confirm(&mut browser, PASSWORD).await;
    server.let_pass(Duration::from_secs(30));
    let later = confirm(&mut browser, PASSWORD).await;

    assert_eq!(refused, ["wrong_password"; 10]);
    for answer in [&wrong, &right] {
        assert_eq!(answer.status, 429, "TH-07");
        assert_eq!(answer.header("retry-after"), "30");
        assert_eq!(answer.error(), "too_many");
    }
    assert_eq!(later.status, 200);
    let row = "confirmation_refused throttled password ada@example.com";
    assert_eq!(noted_by(&server, &wrong).await, [row], "AU-01");
    let rows = trail(&server).await;
    assert_eq!(rows.iter().filter(|one| *one == row).count(), 1);
}

#[tokio::test]
async fn an_account_that_is_disabled_while_it_confirms_is_refused_and_the_trail_says_why() {
    let (server, mut browser) = signed_up().await;
    let user = user_of(&server).await;
    let disable = "UPDATE users SET disabled_at = 1".to_owned();
    server.execute(disable).await;

    let before = confirm(&mut browser, PASSWORD).await;
    // The same, for a request that found out who asks a moment before.
    let (guesser, caller) = (Guesser::default(), Caller::default());
    let password = Password::parse(PASSWORD.to_owned()).unwrap();
    let accounts = &server.services.accounts;
    let meanwhile = accounts.confirm(&user, password, &guesser, &caller).await;

    assert_eq!(before.status, 401, "SU-01");
    assert!(meanwhile.is_err(), "SU-01");
    let row = "confirmation_refused no_account password ada@example.com";
    let rows = trail(&server).await;
    assert_eq!(rows.last().map(String::as_str), Some(row), "AU-01");
}
