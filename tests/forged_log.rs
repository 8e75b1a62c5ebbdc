//! Nobody writes lines into the log, or tricks the terminal of whoever reads it, by what they send (AU-05, ASVS 16.4.1).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::Browser;
use crate::support::process::{Process, keys};

/// A line feed, a carriage return, the beginning of a colour, some that turn the text round, and a whole line.
const HOSTILE: &str =
    "a\r\n2030-01-01T00:00:00Z  INFO forged\u{1b}[31m\u{202e}\u{2066}\u{2069}\u{2028}b";

/// Sends it wherever text of a stranger's goes.
async fn attack(port: u16) {
    let mut browser = Browser::new(([127, 0, 0, 1], port).into());
    browser.sign_up().await;
    browser.sign_in_with(HOSTILE, HOSTILE).await;
    browser.sign_in_with("ada@example.com", HOSTILE).await;
    browser
        .call("/api/sign_up", &[("email", HOSTILE), ("password", HOSTILE)])
        .await;
    browser.call("/api/end_sign_in", &[("id", HOSTILE)]).await;
    browser
        .call("/api/refresh/exchange", &[("sid", HOSTILE)])
        .await;
    let report = serde_json::json!({"csp-report": {
        "blocked-uri": HOSTILE, "document-uri": HOSTILE, "effective-directive": HOSTILE,
    }});
    let request = browser
        .bare("POST", "/csp-report")
        .header("content-type", "application/csp-report")
        .body(report.to_string());
    request.send().await.unwrap();
    // With control characters most heads are refused, and without them they are not.
    let raw = HOSTILE.replace(['\r', '\n'], " ");
    for text in [raw.as_str(), "a\u{202e}\u{2067}\u{2068}\u{2028}\u{9b}31mb"] {
        for head in heads_with(text) {
            let rest = "Host: localhost\r\nConnection: close\r\n\r\n";
            send(port, &format!("{head}{rest}"));
        }
    }
}

fn heads_with(text: &str) -> [String; 9] {
    let escaped = "/a%0d%0a2030-01-01T00:00:00Z%20INFO%20forged%1b[31m%E2%80%AE";
    [
        format!("GET /{} HTTP/1.1\r\n", text.replace(' ', "")),
        format!("GET {escaped} HTTP/1.1\r\n"),
        format!("GET /?{escaped} HTTP/1.1\r\n"),
        format!("GET / HTTP/1.1\r\nUser-Agent: {text}\r\n"),
        format!("GET / HTTP/1.1\r\nX-Forwarded-For: {text}\r\nX-Request-Id: {text}\r\n"),
        format!("GET / HTTP/1.1\r\nCookie: __Host-session={text}\r\n"),
        format!("GET / HTTP/1.1\r\nAuthorization: Bearer {text}\r\nDPoP: {text}\r\n"),
        "GET / HTTP/1.1\r\nAuthorization: Bearer a\rb\r\n".to_owned(),
        format!("{text} / HTTP/1.1\r\n"),
    ]
}

fn send(port: u16, head: &str) {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Whether it is refused is not the question here.
    let _ = socket.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1."), "{head:?}");
}

fn assert_is_plain(line: &str) {
    // What turns text round, alone or as an isolate, and what ends a line without being a control character.
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}')
    };
    assert!(!line.contains(is_odd), "AU-05 {line:?}");
}

#[tokio::test]
async fn every_line_for_people_is_one_of_the_servers_own() {
    let directory = TempDir::new().unwrap();
    let trusting = [
        ("RUST_LOG", "debug"),
        ("TWOFOLD_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let process = Process::start(&directory, &trusting).await;

    attack(process.port).await;

    process.terminate();
    let (_, log) = process.finish();
    assert!(log.lines().count() > 20, "{log}");
    for line in log.split('\n').filter(|line| !line.is_empty()) {
        assert_is_plain(line);
        assert!(
            !line.starts_with("2030") && line.starts_with("20"),
            "AU-05 {line}"
        );
    }
}

#[tokio::test]
async fn every_line_for_machines_is_one_whole_object() {
    let directory = TempDir::new().unwrap();
    assert_eq!(keys(&directory, &[], &["rotate"]).0, 0);
    let keys_dir = directory.path().join("keys");
    let site = directory.path().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    for kind in ["js", "wasm", "css"] {
        std::fs::write(site.join(format!("pkg/twofold.{kind}")), "").unwrap();
    }
    let production = [
        ("LEPTOS_SITE_ROOT", site.to_str().unwrap()),
        ("TWOFOLD_ENV", "production"),
        ("TWOFOLD_ORIGIN", "https://app.example.com"),
        ("TWOFOLD_KEYS_DIR", keys_dir.to_str().unwrap()),
        ("TWOFOLD_TRUSTED_PROXIES", "127.0.0.1"),
        ("RUST_LOG", "debug"),
    ];
    let process = Process::start(&directory, &production).await;

    attack(process.port).await;

    process.terminate();
    let (_, log) = process.finish();
    let mut refused = 0;
    for line in log.split('\n').filter(|line| !line.is_empty()) {
        let object: Value = serde_json::from_str(line).expect(line);
        assert!(
            object["timestamp"].as_str().unwrap().starts_with("20"),
            "{line}"
        );
        assert_is_plain(line);
        refused += usize::from(object["fields"]["message"] == "refused");
    }
    assert!(refused > 0, "refusals are in it: {log}");
}
