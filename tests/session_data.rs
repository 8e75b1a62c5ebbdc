//! What the server remembers for a session: as much as it likes behind a cookie of 22 characters, on any node that shares
//! the database. Answers the article's challenges of cookie size and horizontal scaling.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::routing::post;
use axum::{Extension, Router};
use futures::{StreamExt, stream};
use tower_sessions::Session;

use crate::only_in;
use crate::support::{Mode, TestServer};

const REASON: &str = "session data belongs to the cookie session; a token carries its own claims";

/// Routes as somebody who builds on this would add them.
fn routes() -> Router {
    async fn write(Extension(session): Extension<Session>) -> &'static str {
        session.insert("cart", "x".repeat(50_000)).await.unwrap();
        "written"
    }
    async fn fail(Extension(session): Extension<Session>) -> axum::http::StatusCode {
        let failures: usize = session.get("failures").await.unwrap().unwrap_or(0);
        session.insert("failures", failures + 1).await.unwrap();
        axum::http::StatusCode::INTERNAL_SERVER_ERROR
    }
    async fn failures(Extension(session): Extension<Session>) -> String {
        let failures: usize = session.get("failures").await.unwrap().unwrap_or(0);
        failures.to_string()
    }
    async fn read(Extension(session): Extension<Session>) -> String {
        let cart: Option<String> = session.get("cart").await.unwrap();
        cart.map_or(0, |cart| cart.len()).to_string()
    }
    async fn write_late(Extension(session): Extension<Session>) -> Body {
        let last = async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            session.insert("cart", "late").await.unwrap();
            Ok::<_, Infallible>("the end")
        };
        let first = stream::iter([Ok("the beginning, ")]);
        Body::from_stream(first.chain(stream::once(last)))
    }
    Router::new()
        .route("/api/test/write", post(write))
        .route("/api/test/write_late", post(write_late))
        .route("/api/test/fail", post(fail))
        .route("/api/test/failures", post(failures))
        .route("/api/test/read", post(read))
}

#[tokio::test]
async fn fifty_kilobytes_of_data_leave_the_cookie_as_it_was() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_with(&[], routes()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = browser.cookies["__Host-session"].0.clone();

    browser.call("/api/test/write", &[]).await;

    assert_eq!(browser.call("/api/test/read", &[]).await.body, "50000");
    assert_eq!(
        (browser.cookies["__Host-session"].0.as_str(), cookie.len()),
        (cookie.as_str(), 22)
    );
}

#[tokio::test]
async fn another_node_on_the_same_database_knows_the_session_and_its_end() {
    only_in!(Mode::CookieSession, REASON);
    let first = TestServer::start_with(&[], routes()).await;
    let second = first.another_node(&[], routes()).await;
    let mut on_first = first.browser();
    on_first.sign_up().await;
    on_first.call("/api/test/write", &[]).await;
    let mut on_second = second.browser();
    on_second.cookies = on_first.cookies.clone();

    let read = on_second.call("/api/test/read", &[]).await.body;
    on_first.sign_out().await;
    first.let_pass(Duration::from_secs(1));

    assert_eq!(read, "50000");
    assert_eq!(on_second.viewer().await, None);
}

#[tokio::test]
async fn what_an_answer_writes_after_its_head_is_gone_is_kept() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_with(&[], routes()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser.call("/api/test/write_late", &[]).await;

    assert_eq!(answer.body, "the beginning, the end");
    // The stock layer saves before the body is made, and says nothing of what it loses (T15, SE-17).
    assert_eq!(browser.call("/api/test/read", &[]).await.body, "4");
}

#[tokio::test]
async fn an_answer_that_can_no_longer_keep_what_it_wrote_breaks_off() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_with(&[], routes()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = format!("__Host-session={}", browser.cookies["__Host-session"].0);
    server.refuse("UPDATE ON sessions").await;

    let request = browser
        .bare("POST", "/api/test/write_late")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .form(&[("a", "b")]);
    let answer = request.send().await.unwrap();

    assert_eq!(answer.status(), 200, "the head was on its way already");
    assert!(
        answer.bytes().await.is_err(),
        "T15: nothing is lost silently"
    );
}

#[tokio::test]
async fn what_a_failing_request_wrote_is_kept() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_with(&[], routes()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    for _ in 0..3 {
        assert_eq!(browser.call("/api/test/fail", &[]).await.status, 500);
    }

    // The stock layer does not save after a 5xx: the counter would stay at nothing (T11, SE-15).
    assert_eq!(browser.call("/api/test/failures", &[]).await.body, "3");
}
