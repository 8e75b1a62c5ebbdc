//! Browsers tell of what the policy stopped; of that, one line without secrets is left, and only so many (FE-05).

use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::{Answer, TestServer};

const PATH: &str = "/csp-report";
const SINGLE: &str = "application/csp-report";
const QUEUE: &str = "application/reports+json";

fn single(blocked: &str, document: &str) -> Value {
    json!({"csp-report": {
        "blocked-uri": blocked,
        "document-uri": document,
        "effective-directive": "script-src-elem",
        "violated-directive": "script-src-elem",
        "original-policy": "default-src 'none'; script-src 'nonce-canary-nonce'",
        "referrer": "https://app.example.com/?referrer=canary-referrer",
        "script-sample": "canary-sample",
        "status-code": 200,
    }})
}

fn queue(blocked: &str, document: &str) -> Value {
    let violation = json!({"age": 1, "type": "csp-violation", "url": document, "user_agent": "canary-agent", "body": {
        "blockedURL": blocked,
        "documentURL": document,
        "effectiveDirective": "script-src-elem",
        "sample": "canary-sample",
        "disposition": "enforce",
    }});
    let other =
        json!({"age": 1, "type": "deprecation", "url": document, "body": {"id": "canary-id"}});
    json!([violation, other])
}

async fn report(server: &TestServer, content_type: &str, body: impl ToString) -> Answer {
    let request = server
        .browser()
        .bare("POST", PATH)
        .header("content-type", content_type)
        .body(body.to_string());
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_violation_is_a_line_in_the_log_without_secrets() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("RUST_LOG", "trace")]).await;
    let url = format!("http://127.0.0.1:{}{PATH}", process.port);
    let blocked =
        "https://ada:canary-user@evil.example:8443/canary-path?token=canary-query#canary-fragment";
    let document = "https://app.example.com/account?token=canary-query#canary-fragment";

    for (content_type, body) in [
        (SINGLE, single(blocked, document)),
        (QUEUE, queue(blocked, document)),
    ] {
        // As Chromium's network process sends it: with cookies, without a word on where it comes from.
        let request = reqwest::Client::new()
            .post(&url)
            .header("content-type", content_type)
            .header("cookie", "__Host-session=canary-cookie")
            .body(body.to_string());
        assert_eq!(
            request.send().await.unwrap().status(),
            204,
            "{content_type}"
        );
    }
    process.terminate();
    let (_, log) = process.finish();

    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("policy forbids"))
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    for line in lines {
        for said in ["script-src-elem", "https://evil.example:8443", "/account"] {
            assert!(line.contains(said), "{line}");
        }
    }
    assert!(!log.contains("canary"), "AU-02 {log}");
}

#[tokio::test]
async fn of_many_reports_at_once_the_first_few_are_written_down() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let many: Vec<_> = (0..30).map(|_| queue("inline", "/")[0].clone()).collect();

    let request = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{}{PATH}", process.port))
        .header("content-type", QUEUE)
        .body(json!(many).to_string());
    assert_eq!(request.send().await.unwrap().status(), 204);
    process.terminate();
    let (_, log) = process.finish();

    assert_eq!(log.matches("policy forbids").count(), 5, "{log}");
}

#[tokio::test]
async fn a_report_cannot_write_lines_of_its_own() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let forged = "inline\r\n2026-11-25 INFO forged line\u{1b}[2J\u{202e}";
    let mut body = single(
        forged,
        &format!("https://app.example.com/{}", "a".repeat(4_000)),
    );
    body["csp-report"]["effective-directive"] = json!(forged);

    let request = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{}{PATH}", process.port))
        .header("content-type", SINGLE)
        .body(body.to_string());
    assert_eq!(request.send().await.unwrap().status(), 204);
    process.terminate();
    let (_, log) = process.finish();

    let line = log
        .lines()
        .find(|line| line.contains("policy forbids"))
        .unwrap();
    assert!(line.len() < 700, "AU-05 {} bytes", line.len());
    assert!(
        !log.lines()
            .any(|line| line.starts_with("2026-11-25 INFO forged")),
        "AU-05 {log}"
    );
    assert!(!log.contains(['\u{1b}', '\u{202e}']), "AU-05 {log}");
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let server = TestServer::start().await;
    let good = single("inline", "https://app.example.com/");

    for content_type in [
        "text/plain",
        "application/json",
        "application/x-www-form-urlencoded",
        "",
    ] {
        assert_eq!(
            report(&server, content_type, &good).await.status,
            415,
            "{content_type}"
        );
    }
    for body in ["", "no JSON", "[]", "null", "{}", r#"{"csp-report": 7}"#] {
        let answer = report(&server, SINGLE, body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (400, "malformed"),
            "{body}"
        );
    }
    assert_eq!(report(&server, QUEUE, "{}").await.status, 400);
    let long = single(&"a".repeat(20_000), "https://app.example.com/");
    assert_eq!(report(&server, SINGLE, long).await.status, 413, "AV-04");
    assert_eq!(report(&server, SINGLE, good).await.status, 204);
}

#[tokio::test]
async fn so_many_reports_a_minute_are_taken_and_no_more() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let body = single("inline", "https://app.example.com/");

    let mut taken = 0;
    for _ in 0..80 {
        let answer = report(&server, SINGLE, &body).await;
        if answer.status == 204 {
            taken += 1;
        } else {
            assert_eq!(
                (answer.status.as_u16(), answer.header("retry-after")),
                (429, "60")
            );
        }
    }
    server.let_pass(Duration::from_mins(1));

    assert_eq!(taken, 60);
    assert_eq!(report(&server, SINGLE, &body).await.status, 204);
}
