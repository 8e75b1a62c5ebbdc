//! An account that is made once its address is confirmed: signing up, opening the link, confirming.

use axum::Router;

use super::mailbox::{Letter, Mailbox};
use super::{Answer, Browser, EMAIL, PASSWORD, TestServer};

pub const SIGN_UP: &str = "/api/sign_up";
pub const CONFIRM: &str = "/api/confirm_address";
pub const AGAIN: &str = "/api/ask_to_confirm";
pub const OTHER: &str = "a password of somebody else";

pub async fn server_with(mailbox: &Mailbox, more: &[(&str, &str)]) -> TestServer {
    let url = mailbox.url();
    let mut variables = vec![("TWOFOLD_MAIL_URL", url.as_str())];
    variables.extend(more);
    TestServer::start_with(&variables, Router::new()).await
}

pub async fn sign_up(server: &TestServer, email: &str, password: &str) -> Answer {
    let fields = [("email", email), ("password", password)];
    let answer = server.browser().call(SIGN_UP, &fields).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "null")
    );
    assert!(answer.set_cookies().is_empty(), "{answer:?}");
    answer
}

pub async fn opened(server: &TestServer, letter: &Letter) -> Browser {
    let mut browser = server.browser();
    let answer = browser.get(&letter.link()).await;
    assert!(answer.header("location").starts_with("/verify-email"));
    browser
}

pub async fn confirm(browser: &mut Browser, password: &str) -> Answer {
    browser.call(CONFIRM, &[("password", password)]).await
}

pub async fn people(server: &TestServer) -> Vec<String> {
    server.select("SELECT email FROM users").await
}

/// A server where Ada signed up, and the mail with her link.
pub async fn asked() -> (TestServer, Mailbox, Letter) {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    sign_up(&server, EMAIL, PASSWORD).await;
    let letter = mailbox.wait_for_one().await;
    (server, mailbox, letter)
}

/// A server where Ada has an account.
pub async fn confirmed() -> (TestServer, Mailbox) {
    let (server, mailbox, letter) = asked().await;
    let answer = confirm(&mut opened(&server, &letter).await, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (server, mailbox)
}
