//! What somebody writes into the head of a request, or tries to write into the head of an answer (FE-16, FE-17).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::elsewhere::{HOSTS, heads_naming, injections};
use crate::support::{Answer, PASSWORD, TestServer};

async fn answer_to(server: &TestServer, head: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).to_ascii_lowercase()
}

/// One page, one redirect by the guard, one answer to a form that was refused.
fn requests(target: &str, names: &str) -> [String; 3] {
    let rest = format!("{names}Accept: text/html\r\nConnection: close\r\n");
    let form = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    [
        format!("GET {target}/sign-in HTTP/1.1\r\n{rest}\r\n"),
        format!("GET {target}/account HTTP/1.1\r\n{rest}\r\n"),
        format!("POST {target}/api/sign_in HTTP/1.1\r\n{rest}{form}\r\n"),
    ]
}

#[tokio::test]
async fn no_spelling_of_a_host_reaches_a_link_a_redirect_or_a_cookie() {
    let server = TestServer::start().await;

    for host in HOSTS {
        for names in heads_naming(host) {
            for request in requests("", &names) {
                let answer = answer_to(&server, &request).await;
                assert!(answer.starts_with("http/1.1 "), "{request}");
                assert!(!answer.contains("evil"), "FE-16 {request}{answer}");
                assert!(!answer.contains("domain="), "FE-16 {request}{answer}");
                if let Some(location) = answer
                    .lines()
                    .find_map(|line| line.strip_prefix("location: "))
                {
                    assert!(
                        location.starts_with('/') && !location.starts_with("//"),
                        "FE-16 {location}"
                    );
                }
            }
        }
    }
    for request in requests("http://evil.example", "Host: localhost\r\n") {
        let answer = answer_to(&server, &request).await;
        assert!(!answer.contains("evil"), "FE-16 {request}{answer}");
    }
}

#[tokio::test]
async fn no_field_writes_a_header_of_its_own() {
    let server = TestServer::start().await;
    for text in &injections() {
        let email = format!("{text}@example.com");
        let forms: [(&str, Vec<(&str, &str)>); 6] = [
            (
                "/api/sign_up",
                vec![
                    ("email", &email),
                    ("password", PASSWORD),
                    ("keep", text),
                    ("next", text),
                ],
            ),
            (
                "/api/sign_in",
                vec![
                    ("email", &email),
                    ("password", text),
                    ("keep", text),
                    ("next", text),
                ],
            ),
            ("/api/sign_out", vec![("next", text)]),
            ("/api/end_sign_in", vec![("id", text), ("next", text)]),
            ("/api/refresh", vec![(text, text)]),
            ("/api/refresh/exchange", vec![("sid", text)]),
        ];
        for (endpoint, fields) in &forms {
            let mut browser = server.browser();
            let answers = [
                browser.call(endpoint, fields).await,
                browser.post_form("/sign-in", endpoint, fields).await,
            ];
            for answer in answers {
                assert_clean(&answer, &format!("{endpoint} {text:?}"));
            }
        }
        let query = utf8_percent_encode(text, NON_ALPHANUMERIC);
        for path in [
            "/sign-in?next=",
            "/account?",
            "/account/",
            "/sign-in/?next=",
            "/sign-in?__path=x&__err=",
        ] {
            let answer = server.browser().get(&format!("{path}{query}")).await;
            assert_clean(&answer, &format!("{path} {text:?}"));
        }
    }
    assert_eq!(
        server.select("SELECT count(*) FROM users").await,
        ["0"],
        "FE-17"
    );
}

fn assert_clean(answer: &Answer, what: &str) {
    assert!(
        !answer.status.is_server_error(),
        "FE-17 {what}: {}",
        answer.status
    );
    for cookie in answer.set_cookies() {
        assert!(cookie.starts_with("__"), "FE-17 {what}: {cookie}");
    }
    let location = answer.header("location");
    assert!(
        !location.starts_with("//") && !location.contains(['\r', '\n']),
        "FE-17 {what}: {location}"
    );
}
