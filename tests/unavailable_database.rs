//! The database stops answering while the server runs: people are told to try again, and nobody is signed out by it.

use std::time::{Duration, Instant};

use axum::Router;
use sqlx::Executor;
use tempfile::TempDir;

use crate::support::network::Network;
use crate::support::{Database, EMAIL, Mode, TestServer};
use crate::{only_in, only_on};

#[tokio::test]
async fn a_locked_database_is_a_503_within_seconds_and_reading_goes_on() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut lock = server.connection().await;
    let sql = match Database::of_this_run() {
        Database::Sqlite => "BEGIN EXCLUSIVE",
        Database::Postgres => "BEGIN; LOCK TABLE users, sign_ins IN EXCLUSIVE MODE",
    };
    lock.execute(sql).await.unwrap();

    let start = Instant::now();
    let answer = server.browser().sign_up_as("bob@example.com").await;
    let waited = start.elapsed();
    let viewer = browser.viewer().await;
    lock.execute("ROLLBACK").await.unwrap();

    assert_eq!(
        (answer.status.as_u16(), answer.error().as_str()),
        (503, "unavailable"),
        "AV-08"
    );
    assert_eq!(answer.header("retry-after"), "3");
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    assert_eq!(
        viewer.as_deref(),
        Some(EMAIL),
        "readers do not wait for a writer"
    );
    assert_eq!(
        server.browser().sign_up_as("bob@example.com").await.status,
        200,
        "it recovers by itself"
    );
}

#[tokio::test]
async fn a_database_server_that_goes_away_is_a_503_and_nobody_is_signed_out() {
    only_on!(
        Database::Postgres,
        "a SQLite file has no server that could go away"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookies = browser.cookies.clone();
    Database::allow_connections(server.directory.path(), false).await;

    let start = Instant::now();
    let call = browser.call("/api/viewer", &[]).await;
    let ready = browser.bare("GET", "/readyz").send().await.unwrap();
    let waited = start.elapsed();
    Database::allow_connections(server.directory.path(), true).await;

    assert_eq!(
        (call.status.as_u16(), call.error().as_str()),
        (503, "unavailable"),
        "AV-08"
    );
    assert_eq!(ready.status(), 503);
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert_eq!(browser.cookies, cookies);
    assert_eq!(
        browser.viewer().await.as_deref(),
        Some(EMAIL),
        "it recovers by itself"
    );
}

#[tokio::test]
async fn a_network_that_swallows_everything_is_a_503_within_seconds() {
    only_on!(Database::Postgres, "there is no network to a SQLite file");
    let directory = TempDir::new().unwrap();
    let url = Database::url(directory.path()).await;
    let (user, rest) = url.split_once('@').unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let network = Network::to(address.to_owned()).await;
    let url = format!("{user}@127.0.0.1:{}/{path}", network.port);
    let server = TestServer::start_with(&[("TWOFOLD_DATABASE_URL", &url)], Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    network.set_delivering(false);
    let start = Instant::now();
    let call = browser.call("/api/viewer", &[]).await;
    let waited = start.elapsed();
    network.set_delivering(true);

    assert_eq!(call.status, 503, "AV-08");
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn without_its_tables_nobody_becomes_anonymous_and_no_cookie_is_removed() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookies = browser.cookies.clone();
    rename(&server, "ALTER TABLE sign_ins RENAME TO elsewhere").await;

    let call = browser.call("/api/viewer", &[]).await;
    let sign_out = browser.call("/api/sign_out", &[]).await;
    let page = browser.get("/").await;
    rename(&server, "ALTER TABLE elsewhere RENAME TO sign_ins").await;

    assert!(call.status.is_server_error(), "AV-08, EN-06: {}", call.body);
    assert!(sign_out.status.is_server_error());
    assert!(!call.body.contains("sign_ins"), "AU-03");
    assert_eq!(browser.cookies, cookies);
    if browser.token.is_none() {
        assert!(page.status.is_server_error());
        assert!(page.body.contains("This did not work"));
    }
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn what_cannot_be_remembered_of_a_browser_keeps_nobody_from_signing_in() {
    let server = TestServer::start().await;
    rename(&server, "ALTER TABLE known_devices RENAME TO elsewhere").await;
    let (mut first, mut second) = (server.browser(), server.browser());

    let sign_up = first.sign_up().await;
    let sign_in = second.sign_in().await;

    assert_eq!(sign_up.status, 200, "{}", sign_up.body);
    assert_eq!(sign_in.status, 200, "{}", sign_in.body);
    for browser in [&mut first, &mut second] {
        assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
        assert!(!browser.cookies.contains_key("__Host-device"), "TH-02");
    }
}

#[tokio::test]
async fn a_form_without_scripts_does_not_sign_out_only_the_browser() {
    only_in!(
        Mode::CookieSession,
        "token mode takes no form without scripts"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookies = browser.cookies.clone();
    rename(&server, "ALTER TABLE sign_ins RENAME TO elsewhere").await;

    let answer = browser
        .post_form("/account", "/api/sign_out", &[("next", "/")])
        .await;
    rename(&server, "ALTER TABLE elsewhere RENAME TO sign_ins").await;

    assert_eq!(
        answer.header("location"),
        "/account",
        "SE-07: back, with the reason"
    );
    assert_eq!(browser.cookies["__Host-session"], cookies["__Host-session"]);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

/// Takes the table away behind the server's back, or gives it back.
async fn rename(server: &TestServer, sql: &'static str) {
    server.connection().await.execute(sql).await.unwrap();
}
