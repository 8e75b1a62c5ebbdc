//! Passwords that are known from breaches of other sites (PW-09): refused if somebody is asked who knows, and taken where nobody
//! answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use tempfile::TempDir;

use crate::only_in;
use crate::support::process::{Process, assert_refused};
use crate::support::ranges::{Ranges, Reply};
use crate::support::{Answer, Browser, EMAIL, Mode, PASSWORD, TestServer};

const CHECK: &str = "TWOFOLD_BREACH_CHECK";
/// The SHA-1 of `PASSWORD`.
const SENT: &str = "ABF7A";
const KEPT: &str = "AD6438836DBE526AA231ABDE2D0EEF74D42";
const OTHER: &str = "0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n";
const SENTENCE: &str = "This password was stolen from another site";

fn known() -> Reply {
    Reply::Range(format!("{OTHER}{KEPT}:384\r\n"))
}

async fn sign_up(browser: &mut Browser, email: &str) -> Answer {
    let fields = [("email", email), ("password", PASSWORD)];
    browser.call("/api/sign_up", &fields).await
}

#[tokio::test]
async fn a_password_known_from_a_breach_is_refused_and_any_other_is_taken() {
    let ranges = Ranges::answering(known()).await;
    let server = TestServer::start_with(&[(CHECK, &ranges.address)], Router::new()).await;

    let hit = sign_up(&mut server.browser(), EMAIL).await;
    ranges.answer_with(Reply::Range(format!("{OTHER}{KEPT}:0\r\n")));
    let padding = sign_up(&mut server.browser(), "padding@example.com").await;
    ranges.answer_with(Reply::Range(OTHER.to_owned()));
    let miss = sign_up(&mut server.browser(), "miss@example.com").await;

    assert_eq!(
        (hit.status.as_u16(), hit.error().as_str()),
        (422, "password_breached"),
        "PW-09"
    );
    assert_eq!((padding.status.as_u16(), miss.status.as_u16()), (200, 200));
    assert_eq!(
        server
            .select("SELECT email FROM users ORDER BY email")
            .await,
        ["miss@example.com", "padding@example.com"]
    );
}

#[tokio::test]
async fn without_scripts_the_sentence_stands_beside_the_field_as_well() {
    only_in!(
        Mode::CookieSession,
        "token mode needs scripts to keep the token, and says so"
    );
    let ranges = Ranges::answering(known()).await;
    let server = TestServer::start_with(&[(CHECK, &ranges.address)], Router::new()).await;
    let mut browser = server.browser();

    let fields = [("email", EMAIL), ("password", PASSWORD)];
    browser.post_form("/sign-up", "/api/sign_up", &fields).await;
    let page = browser.get("/sign-up").await;

    let (_, field) = page.body.split_once(r#"id="password-error""#).unwrap();
    let (sentence, _) = field.split_once("</p>").unwrap();
    assert!(sentence.contains(SENTENCE), "{sentence}");
}

#[tokio::test]
async fn only_a_service_over_tls_needs_the_authorities_of_the_machine() {
    let ranges = Ranges::answering(known()).await;
    let nowhere = "/nowhere";
    let untrusting = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    let over_tls = [untrusting[0], untrusting[1], (CHECK, "on")];
    let plain = [untrusting[0], untrusting[1], (CHECK, &ranges.address)];

    assert_refused(&over_tls, CHECK);
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &plain).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    let answer = sign_up(&mut browser, EMAIL).await;

    assert_eq!(answer.error(), "password_breached");
}

#[tokio::test]
async fn nobody_is_asked_unless_it_is_configured_or_the_password_is_refused_anyway() {
    let ranges = Ranges::answering(known()).await;
    let off = TestServer::start_with(&[(CHECK, "off")], Router::new()).await;
    let on = TestServer::start_with(&[(CHECK, &ranges.address)], Router::new()).await;

    let taken = sign_up(&mut off.browser(), EMAIL).await;
    let fields = [("email", EMAIL), ("password", "password1234")];
    let common = on.browser().call("/api/sign_up", &fields).await;

    assert_eq!(taken.status, 200);
    assert_eq!(common.error(), "password_common");
    assert_eq!(ranges.questions(), Vec::<String>::new());
}

#[tokio::test]
async fn whatever_is_wrong_with_the_service_the_password_is_taken_soon_and_the_log_says_so() {
    let ranges = Ranges::answering(Reply::Silence).await;
    let directory = TempDir::new().unwrap();
    let variables = [(CHECK, ranges.address.as_str())];
    let server = Process::start(&directory, &variables).await;
    let troubles = [
        (Reply::Silence, "no answer within"),
        (Reply::Trickle, "no answer within"),
        (Reply::Endless, "an answer of more than"),
        (Reply::Status("500 Internal Server Error"), "status 500"),
        (Reply::Status("302 Found\r\nLocation: /"), "status 302"),
        (Reply::Range("<html>try later</html>".into()), "no range"),
        (Reply::Range(String::new()), "no range"),
    ];

    let count = troubles.len();
    for (index, (reply, _)) in troubles.iter().enumerate() {
        ranges.answer_with(reply.clone());
        let mut browser = Browser::new(SocketAddr::from(([127, 0, 0, 1], server.port)));
        let start = Instant::now();
        let answer = sign_up(&mut browser, &format!("p{index}@example.com")).await;
        let took = start.elapsed();
        assert_eq!(answer.status, 200, "PW-09 {reply:?}");
        // 1.2 seconds, and the hash, for which whatever else this machine does may have it wait.
        assert!(took < Duration::from_secs(8), "PW-09 {reply:?}: {took:?}");
    }
    server.terminate();
    let (_, log) = server.finish();

    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("not looked for in known breaches"))
        .collect();
    assert_eq!(lines.len(), count, "{log}");
    for (line, (reply, words)) in lines.iter().zip(troubles) {
        assert!(line.contains(words), "{reply:?}: {line}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_keeps_nobody_out() {
    let nobody = format!("http://127.0.0.1:{}/", crate::support::process::free_port());
    let server = TestServer::start_with(&[(CHECK, &nobody)], Router::new()).await;

    assert_eq!(sign_up(&mut server.browser(), EMAIL).await.status, 200);
}

#[tokio::test]
async fn five_digits_go_out_and_nothing_else_of_the_password_is_said_anywhere() {
    let ranges = Ranges::answering(known()).await;
    let directory = TempDir::new().unwrap();
    let variables = [(CHECK, ranges.address.as_str()), ("RUST_LOG", "trace")];
    let server = Process::start(&directory, &variables).await;
    let mut browser = Browser::new(SocketAddr::from(([127, 0, 0, 1], server.port)));

    assert_eq!(
        sign_up(&mut browser, EMAIL).await.error(),
        "password_breached"
    );
    ranges.answer_with(Reply::Status("404 Not Found"));
    assert_eq!(sign_up(&mut browser, EMAIL).await.status, 200);
    server.terminate();
    let (_, log) = server.finish();

    let questions = ranges.questions();
    assert_eq!(questions.len(), 2);
    for question in &questions {
        let (line, fields) = question.split_once("\r\n").unwrap();
        assert_eq!(line, format!("GET /range/{SENT} HTTP/1.1"), "PW-09");
        let fields = fields.to_lowercase();
        assert!(fields.contains("add-padding: true\r\n"), "{fields}");
        assert!(!fields.contains("cookie") && !fields.contains("example.com"));
    }
    assert!(log.contains("not looked for in known breaches"));
    let hash = format!("{SENT}{KEPT}").to_lowercase();
    let (log, all) = (log.to_lowercase(), questions.concat().to_lowercase());
    let typed = PASSWORD.to_owned();
    let encoded = [PASSWORD.replace(' ', "+"), PASSWORD.replace(' ', "%20")];
    for secret in [typed, hash.clone(), KEPT.to_lowercase()]
        .iter()
        .chain(&encoded)
    {
        assert!(!log.contains(secret.as_str()), "the log says {secret}");
        assert!(!all.contains(secret.as_str()), "{secret} goes out");
    }
}
