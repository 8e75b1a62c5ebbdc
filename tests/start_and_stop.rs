//! A start that cannot work is refused in one line that names the variable; a stop finishes what was begun.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::only_on;
use crate::support::process::{Process, assert_refused, assert_refused_in, keys};
use crate::support::{Browser, Database, EMAIL, TestServer};

/// Ten seconds, one for the database, and some for a busy machine. A request has thirty.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);
const FILE: &str = "it is about the file of a SQLite database";

#[test]
fn a_wrong_variable_is_named() {
    assert_refused(&[("TWOFOLD_ORIGN", "x")], "TWOFOLD_ORIGN");
    assert_refused(
        &[("TWOFOLD_PASSWORD_MIN_LENGTH", "7")],
        "TWOFOLD_PASSWORD_MIN_LENGTH",
    );
    assert_refused(
        &[("TWOFOLD_ENV", "production")],
        "TWOFOLD_ORIGIN must be set",
    );
    for filter in ["inof", "sqlx=loud"] {
        assert_refused(&[("RUST_LOG", filter)], "RUST_LOG");
    }
}

#[test]
fn a_site_folder_of_no_build_or_of_another_is_named_in_production() {
    let directory = TempDir::new().unwrap();
    assert_eq!(keys(&directory, &[], &["rotate"]).0, 0);
    let database = format!("sqlite:{}", directory.path().join("twofold.db").display());
    let keys_dir = directory.path().join("keys");
    let site = directory.path().join("site");
    let variables = [
        ("TWOFOLD_ENV", "production"),
        ("TWOFOLD_ORIGIN", "https://app.example.com"),
        ("TWOFOLD_DATABASE_URL", &database),
        ("TWOFOLD_KEYS_DIR", keys_dir.to_str().unwrap()),
        ("LEPTOS_SITE_ROOT", site.to_str().unwrap()),
    ];

    assert_refused_in(&directory, &variables, "LEPTOS_SITE_ROOT: there is no");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/twofold.0ther.js"), "").unwrap();
    assert_refused_in(&directory, &variables, "LEPTOS_SITE_ROOT: there is no");
}

#[test]
fn a_database_that_is_not_there_or_takes_no_writes_is_named() {
    assert_refused(
        &[("TWOFOLD_DATABASE_URL", "mysql://x")],
        "TWOFOLD_DATABASE_URL",
    );
    assert_refused(
        &[("TWOFOLD_DATABASE_URL", "sqlite:/no/such/folder/db")],
        "TWOFOLD_DATABASE_URL",
    );
    assert_refused(
        &[("TWOFOLD_DATABASE_URL", "sqlite:/no/such/db?mode=ro")],
        "TWOFOLD_DATABASE_URL",
    );
    assert_refused(
        &[("TWOFOLD_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")],
        "TWOFOLD_DATABASE_URL",
    );
}

#[tokio::test]
async fn a_read_only_and_a_locked_database_are_named() {
    only_on!(Database::Sqlite, FILE);
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    process.terminate();
    process.finish();
    let file = directory.path().join("twofold.db");

    let read_only = format!("sqlite:{}?mode=ro", file.display());
    assert_refused_in(
        &directory,
        &[("TWOFOLD_DATABASE_URL", &read_only)],
        "TWOFOLD_DATABASE_URL",
    );

    let mut lock = SqliteConnection::connect(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    lock.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert_refused_in(&directory, &[], "TWOFOLD_DATABASE_URL");
}

#[test]
fn a_file_that_is_no_database_is_named_and_kept() {
    only_on!(Database::Sqlite, FILE);
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("twofold.db");
    std::fs::write(&file, "not a database, but somebody's text".repeat(50)).unwrap();

    assert_refused_in(&directory, &[], "TWOFOLD_DATABASE_URL");

    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("not a database")
    );
}

#[test]
fn a_broken_key_file_is_named_and_kept() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("signing-key.pem");
    for broken in [
        "",
        "garbage",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        std::fs::write(&file, broken).unwrap();

        assert_refused_in(&directory, &[], "TWOFOLD_SIGNING_KEY_FILE");

        assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    assert_refused(&[("LEPTOS_SITE_ADDR", &address)], "LEPTOS_SITE_ADDR");
}

#[tokio::test]
async fn the_first_answer_comes_within_a_second_and_a_sign_in_outlives_a_restart() {
    let directory = TempDir::new().unwrap();
    let start = Instant::now();
    let process = Process::start(&directory, &[]).await;
    let cold_start = start.elapsed();
    let origin = format!("http://localhost:{}", process.port);
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    browser.sign_up().await;
    process.terminate();
    let (code, log) = process.finish();

    let again = Process::start(&directory, &[("TWOFOLD_ORIGIN", &origin)]).await;
    let mut after = Browser::new(([127, 0, 0, 1], again.port).into());
    (after.cookies, after.token) = (browser.cookies.clone(), browser.token.clone());

    assert_eq!(code, Some(0), "AV-07: {log}");
    assert!(log.contains("a token was signed and taken"), "JW-17: {log}");
    assert!(log.contains("stopped"), "{log}");
    assert!(cold_start < Duration::from_secs(5), "{cold_start:?}");
    assert_eq!(after.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());

    let request = tokio::spawn(async move { browser.sign_up().await.status });
    tokio::time::sleep(Duration::from_millis(30)).await;
    process.terminate();

    assert_eq!(request.await.unwrap(), 200);
    assert_eq!(process.finish().0, Some(0));
}

#[tokio::test]
async fn whoever_is_signed_in_costs_at_most_two_queries_a_second_and_none_in_between() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("RUST_LOG", "info,sqlx::query=debug")]).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    browser.sign_up().await;
    let start = Instant::now();
    let page = browser.get("/account").await;
    let mut statuses = std::collections::HashSet::from([page.status.as_u16()]);
    for _ in 0..50 {
        let call = browser.call("/api/account", &[]).await;
        statuses.insert(call.status.as_u16());
    }
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap() + 1;

    process.terminate();
    let (_, log) = process.finish();

    let queries = log
        .lines()
        .filter(|line| line.contains("sqlx::query") && line.contains("/account\""))
        .filter(|line| line.contains("SELECT") || line.contains("UPDATE"))
        .count();
    println!("{queries} queries for 51 requests in {seconds} s");
    assert_eq!(statuses, [200].into());
    assert!((1..=2 * seconds).contains(&queries), "{queries}: {log}");
}

#[tokio::test]
async fn a_stopping_server_takes_no_new_connection_and_waits_for_a_stuck_client_ten_seconds_at_most()
 {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let address = format!("127.0.0.1:{}", process.port);
    let mut stuck = TcpStream::connect(&address).await.unwrap();
    let head = "POST /api/viewer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\n";
    stuck.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    let stop = Instant::now();
    process.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = TcpStream::connect(&address).await;
    let (code, log) = process.finish();

    assert!(late.is_err(), "AV-07");
    assert_eq!(code, Some(0), "AV-07: {log}");
    assert!(log.contains("stopped before every request"), "{log}");
    assert!(stop.elapsed() < STOPPED_WITHIN, "{:?}", stop.elapsed());
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_says_that_it_is_not_ready_and_goes_on_for_a_while() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("TWOFOLD_LEAVE_SECONDS", "3")]).await;
    let url = |path| format!("http://127.0.0.1:{}{path}", process.port);
    let ready = reqwest::get(url("/readyz")).await.unwrap().status();

    let stop = Instant::now();
    process.terminate();
    let leaving = loop {
        let answer = reqwest::get(url("/readyz")).await.unwrap();
        if answer.status() != 200 {
            break answer;
        }
    };
    let mut late = Browser::new(([127, 0, 0, 1], process.port).into());
    let signed_up = late.sign_up().await.status;
    let health = reqwest::get(url("/healthz")).await.unwrap().status();
    let (code, log) = process.finish();

    assert_eq!(
        (ready.as_u16(), leaving.status().as_u16()),
        (200, 503),
        "AV-07"
    );
    assert_eq!(leaving.headers()["retry-after"], "3");
    assert_eq!((signed_up.as_u16(), health.as_u16()), (200, 200), "AV-07");
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("ERROR"), "nothing is wrong: {log}");
    assert!(
        stop.elapsed() >= Duration::from_secs(3),
        "{:?}",
        stop.elapsed()
    );
}

#[tokio::test]
async fn requests_that_hold_every_place_do_not_keep_a_server_from_stopping() {
    let (arrived, arrive) = watch::channel(0);
    let never = get(|| async move {
        arrived.send_modify(|count| *count += 1);
        std::future::pending::<&str>().await
    });
    let few = [("TWOFOLD_MOST_CONNECTIONS", "10")];
    let server = TestServer::start_with(&few, Router::new().route("/never", never)).await;
    let mut held = Vec::new();
    for _ in 0..15 {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let request = b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n";
        socket.write_all(request).await.unwrap();
        held.push(socket);
        if held.len() <= 10 {
            let all = held.len();
            arrive
                .clone()
                .wait_for(|count| *count == all)
                .await
                .unwrap();
        }
    }

    let stopped = tokio::time::timeout(STOPPED_WITHIN, server.stop()).await;

    assert!(stopped.is_ok(), "AV-07");
}
