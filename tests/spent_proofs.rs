//! A proof of possession is good once (RFC 9449 §11.1): on this node, after its restart, and, for what must not be done twice,
//! on every node.

use std::time::Duration;

use crate::support::TestServer;
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, assert_problem};
use crate::support::server::server_with_keyholder;

const SPENT: &str = "SELECT count(*) FROM spent_proofs";

#[tokio::test]
async fn a_proof_is_good_once() {
    let (_server, holder) = server_with_keyholder().await;
    let proof = holder.proof_for("GET", ME);

    let first = holder.me_with(&proof).await;
    let again = holder.me_with(&proof).await;

    assert_eq!(first.status, 200);
    assert_problem(&again, 401, "invalid_dpop_proof", "seen before");
    assert_eq!(
        again.header("www-authenticate"),
        r#"DPoP realm="twofold", error="invalid_dpop_proof", algs="ES256 EdDSA""#
    );
}

#[tokio::test]
async fn another_process_takes_the_nonce_and_no_proof_from_before_its_start() {
    let (server, mut holder) = server_with_keyholder().await;
    let old = holder.proof_for("GET", ME);
    assert_eq!(holder.me_with(&old).await.status, 200);

    server.let_pass(Duration::from_secs(10));
    let node = server.another_node(&[], axum::Router::new()).await;
    holder.browser = node.browser();
    let replayed = holder.me_with(&old).await;
    assert_problem(&replayed, 401, "use_dpop_nonce", "RT-06: a restart");

    server.let_pass(Duration::from_secs(10));
    holder.browser = server.browser();
    assert_eq!(holder.me().await.status, 200);
    holder.browser = node.browser();
    let balanced = holder.me_with(&holder.proof_for("GET", ME)).await;
    assert_eq!(balanced.status, 200, "MI-03");
}

#[tokio::test]
async fn what_must_not_be_done_twice_takes_a_proof_once_in_the_whole_cluster() {
    let (server, mut holder) = server_with_keyholder().await;
    let node = server.another_node(&[], axum::Router::new()).await;
    server.let_pass(Duration::from_secs(10));
    assert_eq!(holder.me().await.status, 200, "a nonce that both take");
    let nothing = "/api/v1/sign-ins/none";
    let proof = holder.proof_for("DELETE", nothing);
    let reading = holder.proof_for("GET", ME);

    let first = holder.ask_with("DELETE", nothing, &proof).await;
    assert_eq!(holder.me_with(&reading).await.status, 200);
    holder.browser = node.browser();
    let replayed = holder.ask_with("DELETE", nothing, &proof).await;

    assert_eq!(first.status, 404, "{}", first.body);
    assert_problem(&replayed, 401, "invalid_dpop_proof", "MI-02");
    let noted = "SELECT reason FROM audit_events WHERE event = 'proof_refused'";
    assert_eq!(server.select(noted).await, ["invalid"], "AU-01");
    let read_again = holder.me_with(&reading).await.status;
    assert_eq!(read_again, 200, "what only reads is not worth a write");
    let another = holder.proof_for("DELETE", nothing);
    let with_another = holder.ask_with("DELETE", nothing, &another).await;
    assert_eq!(with_another.status, 404);
}

#[tokio::test]
async fn a_spent_proof_is_forgotten_when_nobody_would_take_it_any_more() {
    let server = TestServer::start_changed(&[], axum::Router::new(), |config| {
        config.settings.lifetimes.purge_every = Duration::from_millis(50);
    })
    .await;
    server.browser().sign_up().await;
    let holder = Keyholder::sign_in(&server, 1).await;
    let nothing = "/api/v1/sign-ins/none";
    let proof = holder.proof_for("DELETE", nothing);

    let spent = holder.ask_with("DELETE", nothing, &proof).await;

    assert_eq!(spent.status, 404, "{}", spent.body);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.select(SPENT).await, ["1"]);
    // The first nonces of a process are from six seconds after its start.
    server.let_pass(Duration::from_secs(320));
    for _ in 0..100 {
        if server.select(SPENT).await == ["0"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was never forgotten");
}
