//! Somebody copies a proof that is bound to no key and binds it to one of their own (DPoP, RFC 9449): the owner, whose copy is
//! spent by that, is told from a thief by nothing, and so the next of the two ends the sign-in (RT-02, RT-03, RT-15).

use std::time::Duration;

use app::domain::sign_in::Keep;

use crate::only_in;
use crate::support::flip::{Flip, new_name};
use crate::support::keyholder::Keyholder;
use crate::support::program::{Program, assert_problem};
use crate::support::{Browser, Mode, TestServer};

const EXCHANGE: &str = "/api/refresh/exchange";
const REUSED: &str = "SELECT event FROM audit_events WHERE event = 'proof_reused'";
const LATER: Duration = Duration::from_secs(12);

/// A program's plain refresh token, renewed by somebody with a key of their own.
async fn bound_by_a_thief() -> (TestServer, Program, Keyholder) {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let program = Program::sign_in(&server).await;
    let mut thief = Keyholder::holding(&server, 2, &program.refresh_token).await;
    let renewal = thief.renew().await;
    assert_eq!(renewal.json()["token_type"], "DPoP");
    thief.keep(&renewal);
    assert_eq!(thief.me().await.status, 200);
    (server, program, thief)
}

#[tokio::test]
async fn a_thief_who_binds_a_copied_token_is_found_out_by_the_next_renewal() {
    for later in [Duration::ZERO, LATER] {
        let (server, program, mut thief) = bound_by_a_thief().await;

        server.let_pass(later);
        let answer = program.renew(&program.refresh_token, None).await;

        assert_problem(&answer, 400, "invalid_grant", "RT-03");
        assert_eq!(thief.me().await.status, 401, "after {later:?}");
        assert_problem(&thief.renew().await, 400, "invalid_grant", "RT-02");
        assert_eq!(server.select(REUSED).await, ["proof_reused"]);
    }
}

#[tokio::test]
async fn a_lost_answer_that_bound_the_token_is_given_again_to_its_key() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let program = Program::sign_in(&server).await;
    let mut holder = Keyholder::holding(&server, 1, &program.refresh_token).await;

    let lost = holder.renew().await;
    let again = holder.renew().await;
    holder.keep(&again);

    assert_eq!(
        again.json()["refresh_token"],
        lost.json()["refresh_token"],
        "RT-04"
    );
    assert_eq!(holder.me().await.status, 200);
    assert_eq!(holder.renew().await.status, 200);
    assert_eq!(server.select(REUSED).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_thief_who_binds_a_copied_token_is_found_out_by_the_exchange_too() {
    only_in!(
        Mode::CookieSession,
        "only cookie mode gives sessions for refresh tokens"
    );
    let flip = Flip::begin(Keep::Longer).await;
    let mut thief = Keyholder::holding(&flip.server, 2, &flip.old_proof).await;
    let renewal = thief.renew().await;
    thief.keep(&renewal);
    flip.server.let_pass(LATER);

    let answer = flip.exchange(&mut flip.browser()).await;

    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!(thief.me().await.status, 401, "RT-02");
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_token_for_a_copied_session_is_bound_to_the_key_of_whoever_was_first() {
    only_in!(
        Mode::Jwt,
        "only token mode gives refresh tokens for sessions"
    );
    let flip = Flip::begin(Keep::Longer).await;
    let exchange = async |mut browser: Browser, seed: u8| {
        let mut holder = Keyholder::new(&flip.server, seed);
        let services = &flip.server.services;
        holder.nonce = services.proofs.nonce(&services.keys.current());
        browser.proof = Some(holder.tokenless_proof_for(EXCHANGE));
        flip.exchange(&mut browser).await
    };

    let lost = exchange(flip.browser(), 1).await;
    let again = exchange(flip.browser(), 1).await;
    let copied = exchange(flip.thief(), 2).await;

    assert_eq!(lost.status, 200, "{}", lost.body);
    assert_eq!(again.status, 200, "its answer was lost: {}", again.body);
    assert_eq!(copied.status, 401, "{}", copied.body);
    let given = format!("{}=", new_name());
    assert!(!copied.header("set-cookie").contains(&given), "{copied:?}");
    assert_eq!(flip.noted().await, ["proof_reused"]);
    let live = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";
    let live = flip.server.select(live).await;
    assert_eq!(live, ["0"], "of the two, one is a thief");
}
