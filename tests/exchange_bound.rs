//! A refresh token that is bound to a key of its browser (DPoP) is exchanged for a session with a proof of that key, and not
//! without: a copy of it is no more worth when the server has been built for the other mode (RT-15).

use std::time::Duration;

use app::domain::sign_in::Keep;

use crate::only_in;
use crate::support::flip::{Flip, old_name};
use crate::support::keyholder::Keyholder;
use crate::support::trail::trail;
use crate::support::{Answer, Browser, EMAIL, Mode};

const EXCHANGE: &str = "/api/refresh/exchange";
const WHY: &str = "a session is bound to no key, and is what token mode exchanges";

/// A sign-in of token mode that is bound to the key of its browser.
async fn bound() -> (Flip, Keyholder) {
    let flip = Flip::begin(Keep::Longer).await;
    let mut owner = Keyholder::new(&flip.server, 1);
    let bind = format!("UPDATE sign_ins SET bound_to = '{}'", owner.thumbprint());
    flip.server.execute(bind).await;
    let services = &flip.server.services;
    owner.nonce = services.proofs.nonce(&services.keys.current());
    (flip, owner)
}

/// With a proof of somebody's key.
async fn exchange(flip: &Flip, browser: &mut Browser, holder: &Keyholder) -> Answer {
    browser.proof = Some(holder.tokenless_proof_for(EXCHANGE));
    flip.exchange(browser).await
}

/// Somebody who has a key of their own.
fn thief_of(flip: &Flip, owner: &Keyholder) -> Keyholder {
    let mut thief = Keyholder::new(&flip.server, 2);
    thief.nonce.clone_from(&owner.nonce);
    thief
}

#[tokio::test]
async fn it_is_exchanged_with_a_proof_of_its_key_and_a_copy_spends_nothing() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, owner) = bound().await;
    let thief = thief_of(&flip, &owner);

    let without = flip.exchange(&mut flip.thief()).await;
    let other = exchange(&flip, &mut flip.thief(), &thief).await;
    let mut browser = flip.browser();
    browser.proof = Some(owner.proof_for("POST", EXCHANGE));
    let for_a_token = flip.exchange(&mut browser).await;
    let good = exchange(&flip, &mut browser, &owner).await;

    for refused in [without, other] {
        let answer = (refused.status.as_u16(), refused.error());
        assert_eq!(answer, (401, "signed_out".to_owned()), "RT-15");
    }
    assert_eq!(
        (for_a_token.status.as_u16(), for_a_token.error().as_str()),
        (401, "invalid_dpop_proof")
    );
    assert_eq!(good.status, 200, "{}", good.body);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    let noted = format!("proof_refused without_key proof_of_possession {EMAIL}");
    let rows = trail(&flip.server).await;
    assert!(rows.contains(&noted), "{rows:?}");
}

#[tokio::test]
async fn an_outdated_proof_is_made_anew_and_the_cookie_stays_for_that() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, mut owner) = bound().await;
    let nonce = std::mem::replace(&mut owner.nonce, "x".to_owned());
    let mut browser = flip.browser();

    let outdated = exchange(&flip, &mut browser, &owner).await;
    owner.nonce = nonce;
    let good = exchange(&flip, &mut browser, &owner).await;

    assert_eq!(outdated.error(), "use_dpop_nonce");
    assert_ne!(outdated.header("dpop-nonce"), "");
    assert_eq!(good.status, 200, "{}", good.body);
}

#[tokio::test]
async fn a_server_that_binds_nothing_exchanges_it_without_a_proof() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, _) = bound().await;
    let off = [("TWOFOLD_BIND_TOKENS", "off")];
    let node = flip.server.another_node(&off, axum::Router::new()).await;
    let mut browser = node.browser();
    browser.cookies = flip.browser().cookies;

    let fields = [("sid", flip.sign_in_id.as_str())];
    let answer = browser.call(EXCHANGE, &fields).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_copy_without_the_key_ends_nobodys_sign_in_either() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, owner) = bound().await;
    let mut thief = flip.thief();
    let old = thief.cookies[old_name()].clone();
    thief.sign_up_as("mallory@example.com").await;
    thief.cookies.insert(old_name().to_owned(), old);

    let answer = flip.exchange(&mut thief).await;
    let mut browser = flip.browser();
    let good = exchange(&flip, &mut browser, &owner).await;

    assert_eq!(answer.status, 200, "they stay who they are");
    assert_eq!(good.status, 200, "{}", good.body);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_proof_exchanges_it_once_on_whichever_node() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, mut owner) = bound().await;
    let node = flip.server.another_node(&[], axum::Router::new()).await;
    flip.server.let_pass(Duration::from_secs(10));
    let services = &flip.server.services;
    owner.nonce = services.proofs.nonce(&services.keys.current());
    let proof = owner.tokenless_proof_for(EXCHANGE);
    let ask = async |mut browser: Browser, proof: String| {
        (browser.cookies, browser.attempt) = (flip.browser().cookies, flip.browser().attempt);
        browser.proof = Some(proof);
        flip.exchange(&mut browser).await
    };

    let first = ask(flip.server.browser(), proof.clone()).await;
    let replayed = ask(node.browser(), proof).await;
    let again = ask(node.browser(), owner.tokenless_proof_for(EXCHANGE)).await;

    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(replayed.error(), "invalid_dpop_proof", "MI-02");
    assert_eq!(replayed.header("set-cookie"), "");
    assert_eq!(again.status, 200, "its answer was lost: {}", again.body);
}

#[tokio::test]
async fn an_exchange_from_before_there_were_keys_of_spent_tokens_is_repeated_with_the_key_alone() {
    only_in!(Mode::CookieSession, WHY);
    let (flip, owner) = bound().await;
    let lost = exchange(&flip, &mut flip.browser(), &owner).await;
    let forget = "UPDATE refresh_tokens SET bound_to = NULL".to_owned();
    flip.server.execute(forget).await;

    let again = exchange(&flip, &mut flip.browser(), &owner).await;
    let copied = flip.exchange(&mut flip.browser()).await;

    assert_eq!(lost.status, 200, "{}", lost.body);
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(copied.status, 401, "RT-15: {}", copied.body);
    assert!(
        !copied.header("set-cookie").contains("session="),
        "{copied:?}"
    );
    assert_eq!(flip.noted().await, ["proof_reused"]);
}

#[tokio::test]
async fn a_spent_token_beside_another_sign_in_ends_nobodys() {
    only_in!(Mode::CookieSession, WHY);
    let flip = Flip::begin(Keep::Longer).await;
    let mut mallory = flip.thief();
    let old = mallory.cookies[old_name()].clone();
    mallory.sign_up_as("mallory@example.com").await;
    let mut owner = flip.browser();
    assert_eq!(flip.renew(&mut owner).await, 200);
    mallory.cookies.insert(old_name().to_owned(), old);

    let answer = flip.exchange(&mut mallory).await;

    assert_eq!(answer.status, 200, "they stay who they are");
    owner.attempt = None;
    assert_eq!(flip.renew(&mut owner).await, 200, "SE-16");
}
