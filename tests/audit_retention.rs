//! Audit events go when they are old, and only then (AU-01, PR-03).

use std::time::Duration;

use axum::Router;
use sqlx::Executor;

use crate::only_on;
use crate::support::{Database, TestServer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const COUNT: &str = "SELECT count(*) FROM audit_events";

async fn purge(server: &TestServer) -> usize {
    let kept = server.services.settings.lifetimes.keep_events;
    server.services.audit.purge(kept).await.unwrap()
}

#[tokio::test]
async fn an_event_is_cleared_away_after_four_hundred_days() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    server.let_pass(DAY * 399);
    let early = purge(&server).await;
    server.browser().sign_in().await;
    server.let_pass(DAY * 2);

    let deleted = purge(&server).await;

    assert_eq!((early, deleted), (0, 2));
    let left = server.select("SELECT event FROM audit_events").await;
    assert_eq!(left, ["signed_in"]);
}

#[tokio::test]
async fn how_long_they_stay_can_be_set_and_the_purge_does_it_by_itself() {
    let days = [("TWOFOLD_AUDIT_DAYS", "3")];
    let server = TestServer::start_changed(&days, Router::new(), |config| {
        config.settings.lifetimes.purge_every = Duration::from_millis(50);
    })
    .await;
    server.browser().sign_up().await;

    server.let_pass(DAY * 4);

    for _ in 0..100 {
        if server.select(COUNT).await == ["0"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.select(COUNT).await, ["0"]);
}

#[tokio::test]
async fn nothing_but_the_purge_deletes_an_event_and_nobody_changes_one() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut connection = server.connection().await;
    // With people go their sign-ins, and not what happened.
    connection.execute("DELETE FROM users").await.unwrap();

    let deleted = connection.execute("DELETE FROM audit_events").await;
    let changed = connection
        .execute("UPDATE audit_events SET outcome = 'done'")
        .await;
    let back = "UPDATE audit_retention SET deletable_before = -1";
    let shortened = connection.execute(back).await;

    assert!(deleted.is_err() && changed.is_err() && shortened.is_err());
    assert_eq!(server.select(COUNT).await, ["2"]);
}

#[tokio::test]
async fn the_mark_stays_and_without_it_nothing_may_be_deleted() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut connection = server.connection().await;

    let removed = connection.execute("DELETE FROM audit_retention").await;
    let add = "INSERT INTO audit_retention (line, deletable_before) VALUES (2, 2000000000)";
    let added = connection.execute(add).await;
    let lift = match Database::of_this_run() {
        Database::Sqlite => "DROP TRIGGER audit_retention_is_kept",
        Database::Postgres => "DROP TRIGGER audit_retention_is_kept ON audit_retention",
    };
    connection.execute(lift).await.unwrap();
    let lifted = connection.execute("DELETE FROM audit_retention").await;
    let deleted = connection.execute("DELETE FROM audit_events").await;

    let kept = |error: sqlx::Error| error.to_string().contains("only grows");
    assert!(removed.is_err_and(kept) && added.is_err_and(kept));
    assert!(lifted.is_ok() && deleted.is_err());
    assert_eq!(server.select(COUNT).await, ["2"]);
}

#[tokio::test]
async fn no_event_takes_the_place_of_another() {
    only_on!(Database::Sqlite, "PostgreSQL has no INSERT OR REPLACE");
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut connection = server.connection().await;

    for sql in [
        "INSERT OR REPLACE INTO audit_events (id, happened_at, event, address, user_agent, request_id) \
         SELECT id, 1, 'made_up', '', '', '' FROM audit_events LIMIT 1",
        "INSERT OR REPLACE INTO audit_events (position, id, happened_at, event, address, user_agent, request_id) \
         SELECT position, 'new', 1, 'made_up', '', '', '' FROM audit_events LIMIT 1",
    ] {
        let replaced = connection.execute(sql).await;

        assert!(replaced.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn nodes_that_purge_at_once_do_not_disturb_each_other() {
    let first = TestServer::start().await;
    let second = first.another_node(&[], Router::new()).await;
    first
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
             INSERT INTO audit_events (id, happened_at, event, address, user_agent, request_id) \
             SELECT 'old' || i, 1, 'signed_in', '', '', '' FROM n"
                .to_owned(),
        )
        .await;

    // The purge of their own start may be still about.
    tokio::join!(purge(&first), purge(&second));

    assert_eq!(first.select(COUNT).await, ["0"]);
}

#[tokio::test]
async fn a_release_from_before_can_still_note_a_copy() {
    let server = TestServer::start().await;

    let sql = "INSERT INTO audit_events (id, happened_at, event, user_id, sign_in_id, address, user_agent, request_id) \
               VALUES ('a', 2000000000, 'proof_reused', 'b', 'c', 'd', 'e', 'f')";
    server.execute(sql.to_owned()).await;

    let outcome = server.select("SELECT outcome FROM audit_events").await;
    assert_eq!(outcome, ["refused"], "AV-11");
}
