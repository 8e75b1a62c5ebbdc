//! Mail: what happens to an account is told to its owner, and a mail server that is down, slow or choosy loses nothing and keeps
//! nobody waiting.

use std::time::{Duration, Instant};

use axum::Router;
use mailin::{Response, response};

use crate::password_change::{NEW, change};
use crate::support::mailbox::{Mailbox, Mood};
use crate::support::program::Program;
use crate::support::reset::{opened, set};
use crate::support::{EMAIL, PASSWORD, TestServer};

/// Accounts are made at once; everything else is sent.
pub async fn server_with(mailbox: &Mailbox, more: &[(&str, &str)]) -> TestServer {
    let url = mailbox.url();
    let mut variables = vec![
        ("TWOFOLD_MAIL_URL", url.as_str()),
        ("TWOFOLD_CONFIRM_ADDRESSES", "off"),
    ];
    variables.extend(more);
    TestServer::start_with(&variables, Router::new()).await
}

async fn ask_for_reset(server: &TestServer, email: &str) -> u16 {
    let fields = [("email", email)];
    let answer = server.browser().call("/api/ask_for_reset", &fields).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_changed_password_is_told_to_its_owner() {
    let mailbox = Mailbox::open().await;
    let from = [("TWOFOLD_MAIL_FROM", "Example <hello@app.example.com>")];
    let server = server_with(&mailbox, &from).await;
    let mut browser = server.browser();
    browser.user_agent = Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0");
    browser.sign_up().await;

    change(&mut browser, "not the password", NEW).await;
    change(&mut browser, PASSWORD, NEW).await;
    let letters = mailbox.settled(&server).await;

    assert_eq!(letters.len(), 1, "PW-12: {letters:?}");
    let letter = &letters[0];
    assert_eq!(
        (letter.from.as_str(), &letter.to[..]),
        ("hello@app.example.com", &[EMAIL.to_owned()][..])
    );
    assert_eq!(letter.header("From"), "Example <hello@app.example.com>");
    assert_eq!(letter.header("To"), EMAIL);
    assert_eq!(letter.header("Subject"), "Your password was changed");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    let forgot = format!("{}/forgot-password", server.origin());
    for part in [forgot.as_str(), "Firefox on Linux, from 127.0.0.1"] {
        assert!(letter.text().contains(part), "{part}: {}", letter.raw);
    }
    assert_eq!(
        server.select("SELECT id FROM mails").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_copied_sign_in_that_was_ended_is_told_to_its_owner() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    server.browser().sign_up().await;
    let mut program = Program::sign_in(&server).await;
    let first = program.refresh_token.clone();
    for _ in 0..2 {
        let answer = program.renew(&program.refresh_token, None).await;
        program.keep(&answer);
    }

    program.renew(&first, None).await;
    program.renew(&first, None).await;
    let letters = mailbox.settled(&server).await;

    assert_eq!(letters.len(), 1, "RT-02: once: {letters:?}");
    assert_eq!(letters[0].header("Subject"), "A sign-in of yours was ended");
    assert_eq!(letters[0].to, [EMAIL]);
}

#[tokio::test]
async fn while_the_mail_server_is_down_everything_works_and_afterwards_it_is_told_once() {
    let mailbox = Mailbox::open().await;
    mailbox.be(Mood::HangsUp);
    let server = server_with(&mailbox, &[]).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let changed = change(&mut browser, PASSWORD, NEW).await;
    assert_eq!(changed.status, 200, "AV-13");
    assert_eq!(ask_for_reset(&server, EMAIL).await, 200, "AV-13");
    mailbox.settled(&server).await;
    mailbox.be(Mood::Takes);
    server.let_pass(Duration::from_secs(5 * 60));

    mailbox.wait_for(2).await;
    server.let_pass(Duration::from_secs(2 * 60 * 60));
    assert_eq!(
        mailbox.settled(&server).await.len(),
        2,
        "AV-13: no duplicates"
    );
}

#[tokio::test]
async fn a_mail_that_is_refused_is_tried_again_and_one_to_nobody_is_not() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    server.browser().sign_up().await;

    mailbox.be(Mood::Refuses(response::INTERNAL_ERROR));
    ask_for_reset(&server, EMAIL).await;
    mailbox.wait_for_tries(1).await;
    mailbox.settled(&server).await;
    assert_eq!(mailbox.tries(), 1, "AV-13: not at once");
    // For good, but by no word on the mailbox: a quota, or a mistake in the settings.
    mailbox.be(Mood::Refuses(Response::custom(
        550,
        "5.7.1 Not today".to_owned(),
    )));
    server.let_pass(Duration::from_secs(181));
    mailbox.wait_for_tries(2).await;
    mailbox.settled(&server).await;
    server.let_pass(Duration::from_secs(181));
    mailbox.settled(&server).await;
    assert_eq!(mailbox.tries(), 2, "AV-13: the wait doubles");
    mailbox.be(Mood::Refuses(Response::custom(
        550,
        "5.1.1 No such user".to_owned(),
    )));
    server.let_pass(Duration::from_secs(180));
    mailbox.wait_for_tries(3).await;
    mailbox.be(Mood::Takes);
    server.let_pass(Duration::from_secs(24 * 60 * 60));

    assert_eq!(mailbox.settled(&server).await.len(), 0);
    assert_eq!(
        server.select("SELECT id FROM mails").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_late_try_ends_no_link_that_was_sent_since() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    server.browser().sign_up().await;
    mailbox.be(Mood::Refuses(response::INTERNAL_ERROR));
    ask_for_reset(&server, EMAIL).await;
    mailbox.wait_for_tries(1).await;
    mailbox.be(Mood::Takes);
    ask_for_reset(&server, EMAIL).await;
    let letter = mailbox.wait_for_one().await;

    server.let_pass(Duration::from_secs(181));

    assert_eq!(mailbox.settled(&server).await.len(), 1, "AV-13");
    let mut browser = opened(&server, &letter).await;
    assert_eq!(set(&mut browser, NEW).await.0, 200);
}

#[tokio::test]
async fn of_two_nodes_one_sends_a_mail() {
    let mailbox = Mailbox::open().await;
    let url = mailbox.url();
    let server = server_with(&mailbox, &[]).await;
    let variables = [("TWOFOLD_MAIL_URL", url.as_str())];
    let other = server.another_node(&variables, Router::new()).await;
    mailbox.be(Mood::TakesItsTime(Duration::from_secs(1)));
    server.browser().sign_up().await;

    for node in [&server, &other, &server] {
        assert_eq!(ask_for_reset(node, EMAIL).await, 200);
    }
    mailbox.wait_for(3).await;

    assert_eq!(
        mailbox.settled(&server).await.len(),
        3,
        "AV-13: no duplicates"
    );
}

#[tokio::test]
async fn nobody_waits_for_a_slow_mail_server() {
    let mailbox = Mailbox::open().await;
    mailbox.be(Mood::TakesItsTime(Duration::from_secs(3)));
    let server = server_with(&mailbox, &[]).await;
    server.browser().sign_up().await;

    let began = Instant::now();
    for email in [EMAIL, "nobody@example.com", EMAIL, "nobody@example.com"] {
        assert_eq!(ask_for_reset(&server, email).await, 200);
    }

    // Each mail takes three seconds; all four answers together take less than one.
    assert!(began.elapsed() < Duration::from_secs(3), "EN-04");
    mailbox.wait_for(2).await;
}
