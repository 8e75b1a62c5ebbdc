//! The token flow of the article, one test a step.

use crate::only_in;
use crate::support::tokens::part;
use crate::support::{EMAIL, Mode, PASSWORD, TestServer};

const REASON: &str = "the other flow has steps of its own, in session_flow";

#[tokio::test]
async fn step_1_the_client_submits_the_credentials() {
    only_in!(Mode::Jwt, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let answer = browser.call("/api/sign_up", &fields).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn step_2_the_server_checks_them_and_signs_a_token_for_the_person() {
    only_in!(Mode::Jwt, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let wrong = browser.sign_in_with(EMAIL, "a wrong password").await;
    browser.sign_in().await;

    let token = browser.token.clone().unwrap();
    let user_ids = server.select("SELECT id FROM users").await;
    let sign_in_ids = server.select("SELECT id FROM sign_ins").await;
    let claims = part(&token, 1);
    assert_eq!(wrong.error(), "wrong_credentials");
    assert_eq!(part(&token, 0)["alg"], "EdDSA");
    assert_eq!(part(&token, 0)["typ"], "at+jwt");
    assert_eq!(claims["sub"], user_ids[0].as_str());
    assert!(sign_in_ids.iter().any(|id| claims["sid"] == id.as_str()));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );
}

#[tokio::test]
async fn step_3_the_answer_carries_the_token_and_keeps_the_refresh_token_from_scripts() {
    only_in!(Mode::Jwt, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let answer = browser.sign_up().await;

    let token = answer.json()["access_token"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let cookies = answer.set_cookies();
    let (pair, attributes) = cookies[0].split_once("; ").unwrap();
    let secret = pair.strip_prefix("__Secure-refresh=").unwrap();
    assert!(cookies[1].starts_with("__Host-device="));
    assert_eq!(cookies.len(), 2);
    assert_eq!(
        attributes,
        "HttpOnly; SameSite=Strict; Secure; Path=/api/refresh"
    );
    assert_eq!(secret.len(), 43, "256 random bits in base64url");
    assert!(!answer.body.contains(secret), "RT-09");
    assert!(token.len() <= 400, "{} bytes", token.len());
    assert!(
        !part(&token, 1).to_string().contains("ada"),
        "JW-18: nobody's address"
    );
}

#[tokio::test]
async fn step_5_every_later_call_carries_the_token_in_the_authorization_header() {
    only_in!(
        Mode::Jwt,
        "step 4, localStorage, happens in a browser only: end2end/tests"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut without_token = browser.clone();
    without_token.token = None;

    assert_eq!(browser.call("/api/account", &[]).await.status, 200);
    assert_eq!(without_token.call("/api/account", &[]).await.status, 401);
}

#[tokio::test]
async fn step_6_the_server_validates_the_token_and_decodes_the_person_from_it() {
    only_in!(Mode::Jwt, REASON);
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    ada.sign_up_as("ada@example.com").await;
    bob.sign_up_as("bob@example.com").await;

    std::mem::swap(&mut ada.token, &mut bob.token);

    assert_eq!(ada.viewer().await.as_deref(), Some("bob@example.com"));
}

#[tokio::test]
async fn step_7_the_answer_is_what_belongs_to_the_person() {
    only_in!(Mode::Jwt, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser.call("/api/account", &[]).await;

    assert_eq!(answer.json()["email"], EMAIL);
    assert_eq!(answer.json()["signed_in_with"], "token");
    assert_eq!(answer.header("cache-control"), "no-store");
}
