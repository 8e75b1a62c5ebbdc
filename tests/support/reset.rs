//! A new password by a link in a mail: asking for it, opening it, setting it.

use super::mailbox::{Letter, Mailbox};
use super::{Answer, Browser, EMAIL, TestServer};
use crate::mail::server_with;

pub const ASK: &str = "/api/ask_for_reset";
pub const SET: &str = "/api/reset_password";
pub const LOOK: &str = "/api/reset_link";

pub async fn ask(server: &TestServer, email: &str) -> Answer {
    server.browser().call(ASK, &[("email", email)]).await
}

/// A browser in which the link was opened.
pub async fn opened(server: &TestServer, letter: &Letter) -> Browser {
    let mut browser = server.browser();
    let answer = browser.get(&letter.link()).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/reset-password"));
    browser
}

pub async fn set(browser: &mut Browser, password: &str) -> (u16, String) {
    let fields = [("email", EMAIL), ("password", password)];
    let answer = browser.call(SET, &fields).await;
    (answer.status.as_u16(), answer.error())
}

pub async fn sign_in_with(server: &TestServer, password: &str) -> u16 {
    let answer = server.browser().sign_in_with(EMAIL, password).await;
    answer.status.as_u16()
}

pub fn dead() -> (u16, String) {
    (410, "dead_link".to_owned())
}

/// A server where Ada has an account, and the mail with her link.
pub async fn asked() -> (TestServer, Mailbox, Letter) {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    server.browser().sign_up().await;
    let answer = ask(&server, EMAIL).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "null")
    );
    let letter = mailbox.wait_for_one().await;
    (server, mailbox, letter)
}
