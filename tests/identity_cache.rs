//! Who is signed in is known for a second without asking the database, and what that does not change: other proofs, other
//! nodes, session data. What ends here is the matter of `identity_of_the_ended`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::server::keys::directory::KeyDirectory;
use axum::routing::post;
use axum::{Extension, Router};
use jws::key_pair::Algorithm;
use sqlx::Executor;
use tower_sessions::Session;

use crate::only_in;
use crate::support::devices::{END_ALL, END_ONE, END_OTHERS};
use crate::support::tokens::asked_with;
use crate::support::{Browser, EMAIL, Mode, TestServer};

const SECOND: Duration = Duration::from_secs(1);

/// A server outside time, and a browser that it knows.
async fn known() -> (TestServer, Browser) {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    (server, browser)
}

/// The same browser at another server.
fn at(node: &TestServer, browser: &Browser) -> Browser {
    let mut there = node.browser();
    (there.cookies, there.token) = (browser.cookies.clone(), browser.token.clone());
    there
}

#[tokio::test]
async fn whoever_is_known_costs_no_query_for_a_second() {
    let (server, mut browser) = known().await;
    let mut connection = server.connection().await;
    let hide = "ALTER TABLE sign_ins RENAME TO elsewhere";
    connection.execute(hide).await.unwrap();

    let within = [browser.viewer().await, browser.viewer().await];
    server.let_pass(SECOND);
    let after = browser.call("/api/viewer", &[]).await;
    let again = browser.call("/api/viewer", &[]).await;
    let bring_back = "ALTER TABLE elsewhere RENAME TO sign_ins";
    connection.execute(bring_back).await.unwrap();

    for viewer in within {
        assert_eq!(viewer.as_deref(), Some(EMAIL), "0 queries");
    }
    assert!(after.status.is_server_error(), "{}", after.status);
    assert!(again.status.is_server_error(), "a failure is not kept");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn another_node_feels_an_end_after_a_second_and_a_dangerous_act_does_at_once() {
    let (server, mut browser) = known().await;
    let node = server.another_node(&[], Router::new()).await;
    for act in [END_ONE, END_OTHERS, END_ALL] {
        browser.sign_in().await;
        let mut there = at(&node, &browser);
        assert!(there.viewer().await.is_some());
        let mut kept = server.browser();
        kept.sign_in().await;

        browser.sign_out().await;
        let account = there.call("/api/account", &[]).await;
        let ended = there.call(act, &[("id", "AAAAAAAAAAAAAAAAAAAAAA")]).await;

        assert_eq!(account.status, 200, "remembered for less than a second");
        assert_eq!(ended.status, 401, "SE-09, {act}: checked in the store now");
        assert_eq!(kept.viewer().await.as_deref(), Some(EMAIL), "{act}");
    }
    browser.sign_in().await;
    let mut there = at(&node, &browser);
    there.viewer().await;

    browser.sign_out().await;
    let before = there.viewer().await;
    server.let_pass(SECOND);

    assert!(before.is_some());
    assert_eq!(there.viewer().await, None, "MI-01");
}

#[tokio::test]
async fn a_person_disabled_or_deleted_in_the_database_is_out_after_a_second() {
    for change in ["UPDATE users SET disabled_at = 1", "DELETE FROM users"] {
        let (server, mut browser) = known().await;
        server.connection().await.execute(change).await.unwrap();

        let dangerous = browser.call(END_OTHERS, &[]).await;
        server.let_pass(SECOND);

        assert_eq!(dangerous.status, 401, "{change}");
        assert_eq!(browser.viewer().await, None, "SE-18, {change}");
    }
}

#[tokio::test]
async fn one_proof_is_never_taken_for_the_other() {
    let (server, browser) = known().await;
    let mut other_way = server.browser();

    let status = if let Some(token) = &browser.token {
        let cookie = (token.clone(), "/".to_owned());
        other_way.cookies.insert("__Host-session".into(), cookie);
        other_way.call("/api/account", &[]).await.status
    } else {
        let id = &browser.cookies["__Host-session"].0;
        asked_with(&other_way, &format!("Bearer {id}")).await.status
    };

    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_token_is_forgotten_with_its_key() {
    only_in!(Mode::Jwt, "only this mode's proof is signed with a key");
    let (server, mut browser) = known().await;
    let old = server.services.keys.current().newest().path.clone();
    let keys = KeyDirectory {
        path: server.directory.path().join("keys"),
        earlier: None,
    };
    let now = server.services.clock.now();
    keys.rotate(Algorithm::EdDsa, now).unwrap();
    std::fs::remove_file(old).unwrap();

    Arc::clone(&server.services.keys)
        .look_again(Instant::now())
        .await;

    assert_eq!(browser.call("/api/account", &[]).await.status, 401, "JW-20");
}

/// Routes as somebody who builds on this would add them.
fn routes() -> Router {
    async fn write(Extension(session): Extension<Session>) -> &'static str {
        session.insert("cart", "full").await.unwrap();
        "written"
    }
    async fn read(Extension(session): Extension<Session>) -> String {
        let cart: Option<String> = session.get("cart").await.unwrap();
        cart.unwrap_or_default()
    }
    Router::new()
        .route("/api/test/write", post(write))
        .route("/api/test/read", post(read))
}

const REASON: &str = "session data belongs to the cookie session; a token carries its own claims";

#[tokio::test]
async fn session_data_is_read_from_the_store_however_well_its_owner_is_known() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_outside_time(&[], routes()).await;
    let node = server.another_node(&[], routes()).await;
    let mut here = server.browser();
    here.sign_up().await;
    let mut there = at(&node, &here);

    let empty = there.call("/api/test/read", &[]).await.body;
    here.call("/api/test/write", &[]).await;
    let full = there.call("/api/test/read", &[]).await.body;

    assert_eq!((empty.as_str(), full.as_str()), ("", "full"));
}

#[tokio::test]
async fn what_is_written_into_a_session_that_ended_elsewhere_ends_with_it() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start_outside_time(&[], routes()).await;
    let node = server.another_node(&[], routes()).await;
    let mut here = server.browser();
    here.sign_up().await;
    let mut there = at(&node, &here);
    there.viewer().await;
    here.sign_out().await;

    let answer = there.call("/api/test/write", &[]).await;

    assert_eq!(
        (answer.status.as_u16(), answer.set_cookies().len()),
        (200, 0)
    );
    let data = server.select("SELECT data FROM sessions").await;
    assert!(!data.concat().contains("full"), "SE-08: {data:?}");
    server.let_pass(SECOND);
    assert_eq!(there.viewer().await, None);
}
