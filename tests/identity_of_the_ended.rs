//! Whatever ends a sign-in on this node is felt at its next request, although it was known a moment ago. Time stands still
//! in these stories: nothing is forgotten by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::routing::post;
use axum::{Extension, Router};
use sqlx::Executor;
use tower_sessions::Session;

use crate::only_in;
use crate::support::devices::{END_ALL, END_ONE, END_OTHERS, are_signed_in, id_of, list_of};
use crate::support::{Browser, Database, Mode, TestServer};

/// Three browsers of one person, all of them known.
async fn three_known(server: &TestServer) -> [Browser; 3] {
    let mut all = [server.browser(), server.browser(), server.browser()];
    all[0].sign_up().await;
    all[1].sign_in().await;
    all[2].sign_in().await;
    assert_eq!(are_signed_in(&mut all).await, [true; 3]);
    all
}

async fn start() -> TestServer {
    TestServer::start_outside_time(&[], Router::new()).await
}

#[tokio::test]
async fn a_sign_out_is_felt_by_every_copy_of_the_proof() {
    let server = start().await;
    let mut browsers = three_known(&server).await;
    let mut copy = browsers[1].clone();
    assert!(copy.viewer().await.is_some());

    browsers[1].sign_out().await;

    assert_eq!(copy.viewer().await, None, "SE-06, RT-07");
    assert_eq!(are_signed_in(&mut browsers).await, [true, false, true]);
}

#[tokio::test]
async fn ending_one_the_others_or_all_is_felt_at_once() {
    let server = start().await;
    for (act, expected) in [
        (END_ONE, [true, true, false]),
        (END_OTHERS, [true, false, false]),
        (END_ALL, [false, false, false]),
    ] {
        let mut browsers = [server.browser(), server.browser(), server.browser()];
        let email = format!("{}@example.com", &act["/api/end_".len()..]);
        browsers[0].sign_up_as(&email).await;
        for browser in &mut browsers[1..] {
            let password = crate::support::PASSWORD;
            assert_eq!(browser.sign_in_with(&email, password).await.status, 200);
        }
        let id = id_of(&list_of(&mut browsers[2]).await[0]);
        assert_eq!(are_signed_in(&mut browsers).await, [true; 3]);
        // So that each is asked with the proof of before, also where the answer removes it.
        let mut copies = browsers.clone();

        let answer = browsers[0].call(act, &[("id", &id)]).await;

        assert_eq!(answer.status, 200);
        assert_eq!(are_signed_in(&mut copies).await, expected, "SE-09 {act}");
    }
}

#[tokio::test]
async fn the_one_too_many_is_out_at_once() {
    let most = [("TWOFOLD_SIGN_INS_PER_PERSON", "3")];
    let server = TestServer::start_outside_time(&most, Router::new()).await;
    let mut browsers = three_known(&server).await;

    server.browser().sign_in().await;

    let left = are_signed_in(&mut browsers).await;
    assert_eq!(left.iter().filter(|is_in| **is_in).count(), 2, "SE-13");
}

#[tokio::test]
async fn signing_in_again_ends_what_the_browser_had_before() {
    let server = start().await;
    let mut browsers = three_known(&server).await;
    let mut before = browsers[0].clone();
    assert!(before.viewer().await.is_some());

    browsers[0].sign_in().await;

    assert_eq!(before.viewer().await, None, "SE-02");
    assert!(browsers[0].viewer().await.is_some());
}

#[tokio::test]
async fn a_copied_refresh_token_ends_the_access_token_at_once() {
    only_in!(Mode::Jwt, "cookie mode has nothing to renew");
    let server = start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut thief = browser.clone();
    browser.call("/api/refresh", &[]).await;
    browser.call("/api/refresh", &[]).await;
    server.let_pass(Duration::from_secs(11));
    assert!(browser.viewer().await.is_some());

    assert_eq!(thief.call("/api/refresh", &[]).await.status, 401);

    assert_eq!(browser.viewer().await, None, "RT-02, RT-07");
}

/// Routes as somebody who builds on this would add them.
fn routes() -> Router {
    async fn delete(Extension(session): Extension<Session>) -> &'static str {
        session.delete().await.unwrap();
        "deleted"
    }
    async fn empty(Extension(session): Extension<Session>) -> &'static str {
        session.load().await.unwrap();
        session.clear().await;
        "emptied"
    }
    Router::new()
        .route("/api/test/delete", post(delete))
        .route("/api/test/empty", post(empty))
}

#[tokio::test]
async fn a_session_that_a_handler_empties_or_deletes_is_nobodys_at_once() {
    only_in!(
        Mode::CookieSession,
        "a token names its sign-in by itself, and no handler changes that"
    );
    let server = TestServer::start_outside_time(&[], routes()).await;
    let mut browsers = three_known(&server).await;

    browsers[0].call("/api/test/delete", &[]).await;
    browsers[1].call("/api/test/empty", &[]).await;

    assert_eq!(are_signed_in(&mut browsers).await, [false, false, true]);
}

#[tokio::test]
async fn a_sign_out_whose_client_hangs_up_is_felt_as_well() {
    let server = start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    assert!(browser.viewer().await.is_some());
    let mut lock = server.connection().await;
    let sql = match Database::of_this_run() {
        Database::Sqlite => "BEGIN IMMEDIATE",
        Database::Postgres => "BEGIN; LOCK TABLE sign_ins IN EXCLUSIVE MODE",
    };
    lock.execute(sql).await.unwrap();

    let mut copy = browser.clone();
    let waiting = copy.call("/api/sign_out", &[]);
    let hung_up = tokio::time::timeout(Duration::from_millis(300), waiting).await;
    // The server needs a moment to see that the connection is closed, and says nothing then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    lock.execute("ROLLBACK").await.unwrap();

    assert!(hung_up.is_err(), "it had to wait for the lock");
    let deadline = Instant::now() + Duration::from_secs(5);
    while browser.viewer().await.is_some() {
        assert!(Instant::now() < deadline, "known for ever");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_taken_for_signed_in_after_the_sign_out_was_answered_however_busy_it_is() {
    let server = start().await;
    server.browser().sign_up().await;
    for round in 0..20 {
        let mut browser = server.browser();
        browser.sign_in().await;
        let is_answered = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..8)
            .map(|_| tokio::spawn(call_until(is_answered.clone(), browser.clone())))
            .collect();
        browser.viewer().await;

        browser.sign_out().await;
        is_answered.store(true, Ordering::SeqCst);

        for caller in callers {
            assert_eq!(caller.await.unwrap(), None, "RT-07, round {round}");
        }
    }
}

/// Calls all the time, and says who it was taken for by a call that began after the sign-out was answered.
async fn call_until(is_answered: Arc<AtomicBool>, mut browser: Browser) -> Option<String> {
    while !is_answered.load(Ordering::SeqCst) {
        browser.viewer().await;
    }
    browser.viewer().await
}
