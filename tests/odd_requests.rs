//! Requests that no browser sends: answered, cut off, and never the end of the server.

use axum::Router;
use axum::routing::get;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing_and_the_server_goes_on() {
    let more = Router::new().route(
        "/panics",
        get(|| async { panic!("secret db url postgres://u:p@h/db") as &str }),
    );
    let server = TestServer::start_with(&[], more).await;

    let answer = server.browser().get("/panics").await;

    assert_eq!(
        (answer.status.as_u16(), answer.error().as_str()),
        (500, "internal"),
        "T09, AU-04"
    );
    assert!(!answer.body.contains("postgres"));
    assert_eq!(server.browser().get("/").await.status, 200);
}

#[tokio::test]
async fn half_a_request_does_not_hold_a_connection_for_ever() {
    let server = TestServer::start_changed(&[], Router::new(), |config| {
        config.patience.head_within = std::time::Duration::from_millis(200);
    })
    .await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half")
        .await
        .unwrap();

    let mut rest = Vec::new();
    let ended = tokio::time::timeout(
        std::time::Duration::from_secs(40),
        socket.read_to_end(&mut rest),
    )
    .await;

    assert!(
        ended.is_ok(),
        "T21, AV-06: stock `axum::serve` would still be waiting"
    );
}

#[tokio::test]
async fn a_request_without_a_path_is_malformed_and_panics_nothing() {
    let server = TestServer::start().await;

    for line in [
        "CONNECT evil.example:443",
        "GET evil.example:443",
        "POST evil.example:443",
        "GET account",
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = answer_to(&server, &head).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "AV-05 {line}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_http_is_malformed_and_not_too_large() {
    let server = TestServer::start().await;

    for (path, content_type) in [
        ("/api/sign_in", "application/x-www-form-urlencoded"),
        ("/api/v1/token", "application/json"),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
             Content-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n"
        );
        let answer = answer_to(&server, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
}

/// What the server answers to these bytes before it closes the connection.
async fn answer_to(server: &TestServer, request: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_request_id_is_the_servers_own() {
    let server = TestServer::start().await;

    let request = server
        .browser()
        .bare("GET", "/healthz")
        .header("x-request-id", "chosen");
    let answer = Answer::of(request.send().await.unwrap()).await;

    assert_eq!(answer.header("x-request-id").len(), 36, "AU-05");
}

#[tokio::test]
async fn a_huge_header_is_refused() {
    let server = TestServer::start().await;

    let request = server
        .browser()
        .bare("GET", "/")
        .header("x-huge", "x".repeat(200_000));
    let status = request
        .send()
        .await
        .map(|response| response.status().as_u16());

    assert!(matches!(status, Ok(431) | Err(_)), "AV-04 {status:?}");
    assert_eq!(server.browser().get("/healthz").await.status, 200);
}
