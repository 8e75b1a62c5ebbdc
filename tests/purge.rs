//! Rows of sign-ins that ended long ago go away by themselves (T24, SE-14, PR-03).

use std::time::Duration;

use app::domain::sign_in::Moment;
use app::server::store::{Bucket, Rule};
use axum::Router;
use sqlx::Executor;

use crate::support::{EMAIL, TestServer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SIGN_INS: &str = "SELECT count(*) FROM sign_ins";
const PROOFS: &str =
    "SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM refresh_tokens)";

/// Waits until there are `count` sign-ins; a purge runs beside the story.
async fn assert_becomes(server: &TestServer, count: &str) {
    for _ in 0..100 {
        if server.select(SIGN_INS).await == [count] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.select(SIGN_INS).await, [count]);
}

#[tokio::test]
async fn thirty_days_after_its_end_a_sign_in_is_cleared_away_with_its_proofs() {
    let server = TestServer::start().await;
    let (mut revoked, mut unused, mut recent) =
        (server.browser(), server.browser(), server.browser());
    revoked.sign_up().await;
    revoked.sign_out().await;
    unused.sign_in().await;

    server.let_pass(DAY * 29);
    let _purges_at_its_start = server.another_node(&[], Router::new()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after_29_days = server.select(SIGN_INS).await;
    recent.sign_in().await;
    server.let_pass(DAY * 2);
    let _purges_as_well = server.another_node(&[], Router::new()).await;

    assert_eq!(after_29_days, ["2"]);
    assert_becomes(&server, "1").await;
    assert_eq!(server.select(PROOFS).await, ["1"]);
    assert_eq!(server.select("SELECT count(*) FROM users").await, ["1"]);
}

#[tokio::test]
async fn a_purge_that_fails_is_tried_again() {
    let keep = [("TWOFOLD_KEEP_ENDED_DAYS", "0")];
    let server = TestServer::start_changed(&keep, Router::new(), |config| {
        config.settings.lifetimes.purge_every = Duration::from_millis(50);
    })
    .await;
    let mut browser = server.browser();
    browser.sign_up().await;
    browser.sign_out().await;
    server.refuse("DELETE ON sign_ins").await;
    server.let_pass(DAY);

    tokio::time::sleep(Duration::from_millis(300)).await;
    let while_it_fails = server.select(SIGN_INS).await;
    server.refuse_no_more().await;

    assert_eq!(while_it_fails, ["1"]);
    assert_becomes(&server, "0").await;
    assert_eq!(server.select(PROOFS).await, ["0"]);
}

#[tokio::test]
async fn nodes_that_purge_at_once_do_not_disturb_each_other() {
    let first = TestServer::start().await;
    let second = first.another_node(&[], Router::new()).await;
    let mut browser = first.browser();
    browser.sign_up().await;
    let mut connection = first.connection().await;
    connection
        .execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
             INSERT INTO sign_ins (id, user_id, kind, kept, created_at, last_seen_at, idle_ends_at, \
             absolute_ends_at, user_agent, address) \
             SELECT 'old' || i, s.user_id, s.kind, 0, 1, 1, 1, 1, '', '' \
             FROM n, sign_ins s",
        )
        .await
        .unwrap();
    assert_eq!(first.select(SIGN_INS).await, ["251"]);

    let (on_first, on_second) = tokio::join!(
        first.services.sign_ins.purge_ended(),
        second.services.sign_ins.purge_ended()
    );

    assert!(on_first.unwrap() + on_second.unwrap() >= 250);
    assert_eq!(first.select(SIGN_INS).await, ["1"]);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn forgetting_old_counts_never_stops_a_try_from_being_counted() {
    let server = TestServer::start().await;
    let store = &server.services.store;
    let bucket = |index| Bucket {
        key: format!("story {index}"),
        rule: Rule::Steady {
            budget: 1_000_000,
            per: Duration::from_secs(1),
        },
    };
    let buckets: Vec<_> = (0..5).map(bucket).collect();
    let others_first: Vec<_> = buckets.iter().rev().cloned().collect();

    for second in (0..400).step_by(2) {
        // The rows are in another order than the one they are counted in, and forgotten a second later.
        let before = store.count_try(&others_first, Moment(second)).await;
        assert!(matches!(before, Ok(Ok(()))), "{before:?}");
        let counted = store.count_try(&buckets, Moment(second + 1));
        let forgotten = store.delete_forgotten_tries(Moment(second + 1));

        let (counted, forgotten) = tokio::join!(counted, forgotten);

        assert!(matches!(counted, Ok(Ok(()))), "AV-07 {counted:?}");
        assert!(forgotten.is_ok(), "AV-07 {forgotten:?}");
    }
}
