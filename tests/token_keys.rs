//! The keys behind the tokens: published, rotated and retired while the server runs.

use std::time::Duration;

use app::server::keys::directory::KeyDirectory;
use jws::key_pair::{Algorithm, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::only_in;
use crate::support::process::{Process, keys};
use crate::support::tokens::{Mint, asked_with, assert_all_refused, part, signed_in_server};
use crate::support::{Answer, Browser, EMAIL, Mode, TestServer};

const NO_TOKEN: &str = "only this mode's sign-in hands out a token to look at";

fn directory_of(server: &TestServer) -> KeyDirectory {
    KeyDirectory {
        path: server.directory.path().join("keys"),
        earlier: None,
    }
}

/// Waits until the running server has noticed that `id` is there, or is gone.
async fn noticed(server: &TestServer, id: &str, is_there: bool) {
    for _ in 0..100 {
        if server.services.keys.current().find(id).is_some() == is_there {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not notice");
}

async fn jwks(browser: &Browser) -> Answer {
    let request = browser.bare("GET", "/.well-known/jwks.json");
    Answer::of(request.send().await.unwrap()).await
}

async fn status_of(browser: &Browser, token: &str) -> u16 {
    let answer = asked_with(browser, &format!("Bearer {token}")).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn the_public_halves_are_published_and_nothing_else() {
    let (server, browser, mint) = signed_in_server().await;
    let second = directory_of(&server).rotate(Algorithm::Es256, server.services.clock.now());
    noticed(&server, second.unwrap().pair.id(), true).await;

    let answer = jwks(&browser).await;
    let post = browser.bare("POST", "/.well-known/jwks.json");

    let keys = answer.json()["keys"].clone();
    let members = |index: usize| {
        let members = keys[index].as_object().unwrap();
        members.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=10",
        "JW-20"
    );
    assert_eq!(keys.as_array().unwrap().len(), 2);
    assert_eq!(
        members(0),
        "alg crv kid kty use x",
        "JW-20: no private part"
    );
    assert_eq!(
        members(1),
        "alg crv kid kty use x y",
        "JW-20: no private part"
    );
    assert_eq!(keys[0]["alg"], "EdDSA", "JW-19: by default");
    assert_eq!(keys[0]["kid"], mint.header["kid"]);
    assert_eq!(keys[1]["alg"], "ES256");
    assert_eq!(post.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_new_key_is_published_first_then_signs_and_the_old_one_verifies_until_it_is_retired() {
    only_in!(Mode::Jwt, NO_TOKEN);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let old_token = browser.token.clone().unwrap();
    let old = part(&old_token, 0)["kid"].as_str().unwrap().to_owned();
    let directory = directory_of(&server);
    let now = || server.services.clock.now();
    let lifetime = server.services.settings.lifetimes.access_token;

    let new = directory.rotate(Algorithm::Es256, now()).unwrap();
    let new = new.pair.id().to_owned();
    noticed(&server, &new, true).await;
    browser.call("/api/refresh", &[]).await;
    let before_it_signs = browser.token.clone().unwrap();
    server.let_pass(Duration::from_secs(15));
    browser.call("/api/refresh", &[]).await;
    let after = browser.token.clone().unwrap();

    assert_eq!(part(&before_it_signs, 0)["kid"], old.as_str());
    assert_eq!(part(&after, 0)["kid"], new.as_str(), "JW-20");
    assert_eq!(part(&after, 0)["alg"], "ES256", "JW-19: by configuration");
    assert!(after.len() <= 400, "{} bytes", after.len());
    for token in [&old_token, &before_it_signs, &after] {
        assert_eq!(status_of(&browser, token).await, 200, "JW-20");
    }
    assert!(directory.retire(&new, lifetime, now()).is_err(), "it signs");
    assert!(directory.retire_now(&new, now()).is_err(), "it signs");
    assert!(
        directory.retire(&old, lifetime, now()).is_err(),
        "it is in use"
    );

    directory.retire_now(&old, now()).unwrap();
    noticed(&server, &old, false).await;

    assert_eq!(status_of(&browser, &old_token).await, 401, "JW-20: gone");
    assert_eq!(status_of(&browser, &after).await, 200);
    assert!(!jwks(&browser).await.body.contains(&old));
}

#[tokio::test]
async fn a_key_whose_tokens_have_run_out_can_be_retired() {
    let server = TestServer::start().await;
    let directory = directory_of(&server);
    let old = server.services.keys.current().newest().pair.id().to_owned();
    let now = || server.services.clock.now();
    let lifetime = server.services.settings.lifetimes.access_token;
    directory.rotate(Algorithm::EdDsa, now()).unwrap();

    server.let_pass(Duration::from_secs(15 + 300));
    let early = directory.retire(&old, lifetime, now());
    server.let_pass(Duration::from_secs(31));

    assert!(early.is_err(), "clocks may differ");
    assert!(directory.retire(&old, lifetime, now()).is_ok());
    assert!(
        directory.retire(&old, lifetime, now()).is_err(),
        "it is gone"
    );
}

#[tokio::test]
async fn a_token_of_a_key_that_is_seconds_old_is_never_refused() {
    let (server, browser, mint) = signed_in_server().await;

    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let new = directory_of(&server)
            .rotate(Algorithm::EdDsa, server.services.clock.now())
            .unwrap();
        let token = mint.with_key(&new).token();

        assert_eq!(
            status_of(&browser, &token).await,
            200,
            "JW-20: unknown so far"
        );
    }
}

#[tokio::test]
async fn a_thousand_invented_keys_cost_no_query() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("RUST_LOG", "info,sqlx::query=debug")]).await;
    let browser = Browser::new(([127, 0, 0, 1], process.port).into());
    let header = |kid: usize| json!({"typ": "at+jwt", "alg": "EdDSA", "kid": format!("{kid:08}")});

    for kid in 0..1000 {
        let header = crate::support::tokens::encode(header(kid).to_string());
        let status = status_of(&browser, &format!("{header}.e30.AAAA")).await;
        assert_eq!(status, 401, "JW-21");
    }
    process.terminate();
    let (_, log) = process.finish();

    let asked = |line: &&str| line.contains("sqlx::query") && line.contains("/api/account");
    assert_eq!(log.lines().filter(asked).count(), 0, "JW-21");
    assert!(log.matches("names a key that is not known").count() >= 1000);
}

#[tokio::test]
async fn the_one_key_file_from_before_keeps_working_and_can_be_rotated_away() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("signing-key.pem");
    let pem = KeyPair::generate(Algorithm::EdDsa);
    std::fs::write(&file, &pem).unwrap();
    let id = KeyPair::from_pem(&pem).unwrap().id().to_owned();
    let path = directory.path().display().to_string();

    let server = TestServer::start_with(&[("TWOFOLD_DATA_DIR", &path)], axum::Router::new()).await;
    let at_first = server.services.keys.current().newest().pair.id().to_owned();
    let rotated = keys(&directory, &[], &["rotate"]);
    let listed = keys(&directory, &[], &["list"]);
    let retired = keys(&directory, &[], &["retire", "--now", "--", &id]);
    let listed_again = keys(&directory, &[], &["list"]);

    assert_eq!(at_first, id);
    assert_eq!(rotated.0, 0, "{rotated:?}");
    assert!(
        listed.1.contains(&format!("{id}  EdDSA  signing")),
        "{listed:?}"
    );
    assert_eq!(
        retired.0, 1,
        "it signs for a few seconds still: {retired:?}"
    );
    assert_eq!(listed_again, listed);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        pem,
        "nothing is lost"
    );
}

#[tokio::test]
async fn es256_by_configuration() {
    let server =
        TestServer::start_with(&[("TWOFOLD_TOKEN_ALG", "ES256")], axum::Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let keys = jwks(&browser).await.json();

    assert_eq!(keys["keys"][0]["alg"], "ES256", "JW-19");
    assert_eq!(keys["keys"][0]["crv"], "P-256");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    let mint = Mint::of_key(&server, [9; 32]).await;
    assert_all_refused(&browser, &[("JW-02 Ed25519", mint.token())]).await;
}
