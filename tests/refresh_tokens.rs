//! Renewing an access token with the refresh token in its cookie.

use std::time::Duration;

use crate::only_in;
use crate::support::{Answer, Browser, EMAIL, Mode, TestServer};

const REASON: &str = "cookie mode has nothing to renew";

async fn signed_up() -> (TestServer, Browser) {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    (server, browser)
}

#[tokio::test]
async fn an_expired_token_is_refused_and_a_renewed_one_taken() {
    only_in!(Mode::Jwt, REASON);
    let (server, mut browser) = signed_up().await;

    server.let_pass(Duration::from_secs(310));
    let expired = browser.call("/api/account", &[]).await;
    let renewal = browser.call("/api/refresh", &[]).await;

    assert_eq!(
        (expired.status.as_u16(), expired.error().as_str()),
        (401, "invalid_token")
    );
    assert_eq!(renewal.json()["expires_in"], 300);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn every_use_gives_a_new_refresh_token() {
    only_in!(Mode::Jwt, REASON);
    let (_server, mut browser) = signed_up().await;

    let mut secrets = std::collections::HashSet::new();
    for _ in 0..5 {
        secrets.insert(browser.cookies["__Secure-refresh"].0.clone());
        assert_eq!(browser.call("/api/refresh", &[]).await.status, 200, "RT-02");
    }

    assert_eq!(secrets.len(), 5);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_ten_seconds() {
    only_in!(Mode::Jwt, REASON);
    let (server, mut browser) = signed_up().await;
    let mut retry = browser.clone();

    browser.call("/api/refresh", &[]).await;
    server.let_pass(Duration::from_secs(9));
    let again = retry.call("/api/refresh", &[]).await;

    assert_eq!(again.status, 200, "RT-03");
    assert_eq!(browser.cookies, retry.cookies, "one successor");
    assert_eq!(
        server
            .select("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")
            .await,
        ["1"]
    );
}

#[tokio::test]
async fn a_copy_used_later_ends_the_whole_sign_in() {
    only_in!(Mode::Jwt, REASON);
    let (server, mut browser) = signed_up().await;
    let mut thief = browser.clone();

    browser.call("/api/refresh", &[]).await;
    server.let_pass(Duration::from_secs(12));
    let stolen = thief.call("/api/refresh", &[]).await;

    assert_eq!(stolen.status, 401, "RT-02");
    assert_eq!(browser.call("/api/refresh", &[]).await.status, 401);
    assert_eq!(
        browser.call("/api/account", &[]).await.status,
        401,
        "RT-07: the access token dies too"
    );
}

#[tokio::test]
async fn a_grandparent_is_a_copy_even_within_ten_seconds() {
    only_in!(Mode::Jwt, REASON);
    let (_server, mut browser) = signed_up().await;
    let mut thief = browser.clone();

    browser.call("/api/refresh", &[]).await;
    browser.call("/api/refresh", &[]).await;

    assert_eq!(thief.call("/api/refresh", &[]).await.status, 401, "RT-03");
    assert_eq!(browser.call("/api/refresh", &[]).await.status, 401);
}

#[tokio::test]
async fn the_same_attempt_gets_its_lost_answer_whenever_it_asks_again() {
    only_in!(Mode::Jwt, REASON);
    let (server, browser) = signed_up().await;
    let secret = &browser.cookies["__Secure-refresh"].0;

    let lost = renew_as(&browser, secret, "the first attempt of this tab").await;
    server.let_pass(Duration::from_secs(6 * 60 * 60));
    let again = renew_as(&browser, secret, "the first attempt of this tab").await;

    assert_eq!((lost.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(lost.set_cookies(), again.set_cookies(), "one successor");
}

#[tokio::test]
async fn another_attempt_with_a_spent_token_ends_the_whole_sign_in() {
    only_in!(Mode::Jwt, REASON);
    let (server, mut browser) = signed_up().await;
    let secret = browser.cookies["__Secure-refresh"].0.clone();

    renew_as(&browser, &secret, "the first attempt of this tab").await;
    server.let_pass(Duration::from_secs(12));
    let stolen = renew_as(&browser, &secret, "the first attempt of a thief").await;

    assert_eq!(stolen.status, 401, "RT-02");
    assert_eq!(browser.call("/api/account", &[]).await.status, 401, "RT-07");
}

#[tokio::test]
async fn a_request_that_was_overtaken_gives_nothing_and_ends_nothing() {
    only_in!(Mode::Jwt, REASON);
    let (_server, mut browser) = signed_up().await;
    let secret = browser.cookies["__Secure-refresh"].0.clone();

    let first = renew_as(&browser, &secret, "the first attempt of this tab").await;
    let successor = refresh_token(&first);
    let second = renew_as(&browser, &successor, "the second attempt of this tab").await;
    let late = renew_as(&browser, &secret, "the first attempt of this tab").await;

    assert_eq!(
        (late.status.as_u16(), late.error().as_str()),
        (409, "overtaken")
    );
    assert!(late.set_cookies().is_empty(), "the newer cookie stays");
    let newest = (refresh_token(&second), "/api/refresh".to_owned());
    browser.cookies.insert("__Secure-refresh".into(), newest);
    assert_eq!(browser.call("/api/refresh", &[]).await.status, 200);
}

/// The answer to the owner is lost, and a thief who is quick enough is given it as well, and goes on.
#[tokio::test]
async fn a_thief_who_took_over_a_lost_answer_is_found_out_by_the_owners_next_name() {
    only_in!(Mode::Jwt, REASON);
    let (server, browser) = signed_up().await;
    let mut thief = browser.clone();
    let secret = browser.cookies["__Secure-refresh"].0.clone();
    let (first, second) = (
        "the first attempt of this tab",
        "the second attempt of this tab",
    );

    renew_as(&browser, &secret, first).await;
    for _ in 0..2 {
        assert_eq!(thief.call("/api/refresh", &[]).await.status, 200);
    }
    server.let_pass(Duration::from_secs(60 * 60));
    let overtaken = renew_as(&browser, &secret, first).await;
    let names = [
        ("idempotency-key", second),
        ("earlier-idempotency-key", first),
    ];
    let renamed = renew_named(&browser, &secret, &names).await;

    assert_eq!(overtaken.status, 409);
    assert_eq!(renamed.status, 401, "RT-02");
    assert_eq!(thief.call("/api/refresh", &[]).await.status, 401);
    let noted = server
        .select("SELECT event FROM audit_events WHERE event = 'proof_reused'")
        .await;
    assert_eq!(noted, ["proof_reused"]);
}

#[tokio::test]
async fn an_answer_to_the_earlier_name_that_was_lost_is_given_again() {
    only_in!(Mode::Jwt, REASON);
    let (server, browser) = signed_up().await;
    let secret = browser.cookies["__Secure-refresh"].0.clone();
    let (first, second) = (
        "the first attempt of this tab",
        "the second attempt of this tab",
    );

    let lost = renew_as(&browser, &secret, first).await;
    server.let_pass(Duration::from_secs(60 * 60));
    let names = [
        ("idempotency-key", second),
        ("earlier-idempotency-key", first),
    ];
    let again = renew_named(&browser, &secret, &names).await;

    assert_eq!((lost.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(lost.set_cookies(), again.set_cookies(), "one successor");
}

#[tokio::test]
async fn a_name_that_could_be_guessed_is_malformed() {
    only_in!(Mode::Jwt, REASON);
    let (_server, browser) = signed_up().await;
    let secret = &browser.cookies["__Secure-refresh"].0;

    for name in ["", "1", &"x".repeat(65)] {
        let answer = renew_as(&browser, secret, name).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (400, "malformed"),
            "{name:?}"
        );
    }
}

/// Shows `secret` and names the attempt, as the WASM client does.
async fn renew_as(browser: &Browser, secret: &str, attempt: &str) -> Answer {
    renew_named(browser, secret, &[("idempotency-key", attempt)]).await
}

async fn renew_named(browser: &Browser, secret: &str, names: &[(&str, &str)]) -> Answer {
    let mut request = browser
        .bare("POST", "/api/refresh")
        .header("accept", "application/json")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", format!("__Secure-refresh={secret}"))
        .form(&[("", ""); 0]);
    for (header, name) in names {
        request = request.header(*header, *name);
    }
    Answer::of(request.send().await.unwrap()).await
}

fn refresh_token(answer: &Answer) -> String {
    let cookies = answer.set_cookies();
    let pair = cookies[0].split(';').next().unwrap();
    pair.strip_prefix("__Secure-refresh=").unwrap().to_owned()
}

#[tokio::test]
async fn twenty_renewals_at_once_have_one_successor() {
    only_in!(Mode::Jwt, REASON);
    let (server, browser) = signed_up().await;

    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let mut tab = browser.clone();
            tokio::spawn(async move {
                let status = tab.call("/api/refresh", &[]).await.status.as_u16();
                (status, tab.cookies["__Secure-refresh"].0.clone())
            })
        })
        .collect();
    let mut results = std::collections::HashSet::new();
    for task in tasks {
        results.insert(task.await.unwrap());
    }

    assert_eq!(results.len(), 1, "RT-04: {results:?}");
    assert_eq!(
        server
            .select("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")
            .await,
        ["1"]
    );
}

#[tokio::test]
async fn garbage_in_the_refresh_cookie_is_signed_out_and_removed() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let long = "A".repeat(5_000);

    for value in ["", "x", "AAAA", &long, "' OR 1=1", &"A".repeat(43)] {
        let kept = (value.to_owned(), "/api/refresh".to_owned());
        browser.cookies.insert("__Secure-refresh".into(), kept);
        let answer = browser.call("/api/refresh", &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (401, "signed_out"),
            "RE-06 {value:?}"
        );
        assert!(answer.set_cookies()[0].ends_with("Max-Age=0"));
    }
}
