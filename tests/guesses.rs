//! Wrong passwords for one account: how many are looked at, how long one waits, and who does not have to.

use std::time::Duration;

use axum::Router;
use futures::future::join_all;

use crate::support::program::{TOKEN, assert_problem, credentials, post_json};
use crate::support::{Answer, Browser, EMAIL, MODE, Mode, PASSWORD, TestServer};

const FIVE: [(&str, &str); 1] = [("TWOFOLD_GUESSES_PER_ACCOUNT", "5")];

/// A server where time stands and Ada has an account.
async fn server_with(variables: &[(&str, &str)]) -> TestServer {
    let server = TestServer::start_outside_time(variables, Router::new()).await;
    server.browser().sign_up().await;
    server
}

async fn guess(mut browser: Browser) -> Answer {
    browser.sign_in_with(EMAIL, "a wrong password").await
}

async fn statuses(browser: &Browser, count: usize) -> Vec<u16> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(guess(browser.clone()).await.status.as_u16());
    }
    all
}

#[tokio::test]
async fn after_a_hundred_wrong_passwords_the_right_one_has_to_wait_as_well() {
    let server = server_with(&[]).await;
    let stranger = server.browser();

    let tries = statuses(&stranger, 101).await;
    let right = stranger.clone().sign_in().await;

    assert_eq!(tries[..10], [401; 10]);
    assert_eq!(tries[10..], [429; 91]);
    assert_eq!(right.status, 429, "TH-01");
    assert_eq!(right.header("retry-after"), "30");
    assert_eq!(right.body, r#"{"error":"too_many","seconds":30}"#);
    assert_eq!(right.set_cookies(), Vec::<&str>::new());
}

#[tokio::test]
async fn fifty_guesses_at_once_on_two_nodes_are_looked_at_as_often_as_allowed() {
    let server = server_with(&FIVE).await;
    let other = server.another_node(&FIVE, Router::new()).await;

    let guesses = (0..50).map(|index| {
        let node = if index % 2 == 0 { &server } else { &other };
        guess(node.browser())
    });
    let answers = join_all(guesses).await;

    let with = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!(
        (with(401), with(429.try_into().unwrap())),
        (5, 45),
        "TH-06, MI-02"
    );
}

#[tokio::test]
async fn the_wait_doubles_with_every_further_guess_and_ends_to_the_second() {
    let server = server_with(&FIVE).await;
    let stranger = server.browser();
    statuses(&stranger, 5).await;

    for wait in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        let refused = guess(stranger.clone()).await;
        server.let_pass(Duration::from_secs(wait - 1));
        let early = guess(stranger.clone()).await;
        server.let_pass(Duration::from_secs(1));
        let in_time = guess(stranger.clone()).await;

        assert_eq!(refused.header("retry-after"), wait.to_string());
        assert_eq!(early.header("retry-after"), "1", "TH-10");
        assert_eq!(in_time.status, 401, "after {wait} seconds");
    }
    server.let_pass(Duration::from_secs(24 * 60 * 60));
    assert_eq!(statuses(&stranger, 6).await, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn counts_outlive_a_restart() {
    let server = server_with(&FIVE).await;
    statuses(&server.browser(), 5).await;

    let restarted = server.another_node(&FIVE, Router::new()).await;

    assert_eq!(guess(restarted.browser()).await.status, 429);
}

#[tokio::test]
async fn nobody_can_lock_the_owner_out() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut owner = server.browser().at("127.0.0.3");
    owner.sign_up().await;
    owner.sign_out().await;
    let without_cookie = server.browser().at("127.0.0.3");
    let attacker = server.browser().at("127.0.0.2");

    let attack = statuses(&attacker, 500).await;
    // At the owner's own address as well, as in an office.
    statuses(&without_cookie, 20).await;

    assert_eq!(attack.iter().filter(|status| **status == 401).count(), 10);
    assert_eq!(without_cookie.clone().sign_in().await.status, 429);
    assert_eq!(owner.sign_in().await.status, 200, "TH-02");
    let elsewhere = server.browser().at("127.0.0.4").sign_in().await;
    assert_eq!(elsewhere.status, 200, "TH-02");
}

#[tokio::test]
async fn a_known_browser_has_its_own_guesses_for_its_own_account_and_no_others() {
    let server = server_with(&FIVE).await;
    let mut bob = server.browser();
    bob.sign_up_as("bob@example.com").await;
    bob.sign_out().await;

    let of_bob = async |browser: &Browser| {
        let mut browser = browser.clone();
        let answer = browser
            .sign_in_with("bob@example.com", "a wrong password")
            .await;
        answer.status.as_u16()
    };
    let mut own = Vec::new();
    for _ in 0..6 {
        own.push(of_bob(&bob).await);
    }
    let of_ada = statuses(&bob, 6).await;
    let stranger = of_bob(&server.browser()).await;

    assert_eq!(own, [401, 401, 401, 401, 401, 429]);
    assert_eq!(of_ada, [401, 401, 401, 401, 401, 429]);
    assert_eq!(stranger, 401, "strangers count by themselves");
}

#[tokio::test]
async fn the_cookie_of_a_known_browser_is_random_private_and_only_its_hash_is_kept() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let answer = browser.sign_up().await;
    let first = browser.cookies["__Host-device"].0.clone();
    browser.sign_out().await;
    browser.sign_in().await;

    let cookies = answer.set_cookies();
    let set = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-device="));
    assert_eq!(
        set.unwrap().split_once("; ").unwrap().1,
        "HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=7776000"
    );
    assert_eq!(browser.cookies["__Host-device"].0, first);
    assert!(server.browser().viewer().await.is_none());
    let kept = server.select("SELECT device_hash FROM known_devices").await;
    assert_eq!(kept.len(), 1);
    assert_ne!(kept[0], first);
}

#[tokio::test]
async fn a_device_cookie_that_was_never_handed_out_counts_as_none() {
    let server = server_with(&FIVE).await;
    statuses(&server.browser(), 5).await;

    for value in ["", "x", &"A".repeat(43), &"A".repeat(600)] {
        let mut browser = server.browser();
        let cookie = (value.to_owned(), "/".to_owned());
        browser.cookies.insert("__Host-device".to_owned(), cookie);
        assert_eq!(browser.sign_in().await.status, 429, "{value:?}");
    }
}

#[tokio::test]
async fn the_right_password_starts_the_count_of_its_account_afresh() {
    let server = server_with(&FIVE).await;
    let stranger = server.browser();

    let before = statuses(&stranger, 4).await;
    let right = stranger.clone().sign_in().await;
    let after = statuses(&stranger, 6).await;

    assert_eq!((before, right.status.as_u16()), (vec![401; 4], 200));
    assert_eq!(after, [401, 401, 401, 401, 401, 429], "TH-10");
}

#[tokio::test]
async fn an_address_without_an_account_waits_like_one_with() {
    let server = server_with(&FIVE).await;
    let stranger = server.browser();
    let unknown = async |count: usize| {
        let mut answers = Vec::new();
        for _ in 0..count {
            let mut browser = stranger.clone();
            answers.push(browser.sign_in_with("nobody@example.com", "wrong").await);
        }
        answers
    };

    let of_nobody = unknown(6).await;
    let mut of_ada = Vec::new();
    for _ in 0..6 {
        of_ada.push(guess(stranger.clone()).await);
    }

    for (nobody, ada) in of_nobody.iter().zip(&of_ada) {
        assert_eq!(
            (nobody.status, &nobody.body),
            (ada.status, &ada.body),
            "EN-01"
        );
    }
    assert_eq!(of_nobody[5].status, 429);
}

#[tokio::test]
async fn programs_share_the_count_and_are_told_in_their_own_format() {
    let server = server_with(&FIVE).await;
    let browser = server.browser();
    statuses(&browser, 3).await;

    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(post_json(&browser, TOKEN, &credentials(EMAIL, "wrong")).await);
    }

    assert_problem(&answers[0], 400, "invalid_grant", "the fourth");
    assert_problem(&answers[2], 429, "too_many_tries", "the sixth");
    assert_eq!(answers[2].header("retry-after"), "30");
    let elsewhere = server.browser().at("127.0.0.2");
    let answer = post_json(&elsewhere, TOKEN, &credentials(EMAIL, PASSWORD)).await;
    assert_eq!(answer.status, 200, "TH-02");
}

#[tokio::test]
async fn people_are_told_how_long_to_wait_in_words() {
    let server = server_with(&FIVE).await;
    statuses(&server.browser(), 5).await;
    server.let_pass(Duration::from_secs(30));
    statuses(&server.browser(), 1).await;
    server.let_pass(Duration::from_secs(60));
    statuses(&server.browser(), 1).await;
    let mut browser = server.browser();
    let fields = [("email", EMAIL), ("password", PASSWORD)];

    let answer = browser.post_form("/sign-in", "/api/sign_in", &fields).await;
    let page = browser.get("/sign-in").await;

    assert_eq!(answer.status, 303);
    if MODE == Mode::CookieSession {
        let sentence = "Too many tries. Wait 2 minutes and try again.";
        assert!(page.body.contains(sentence), "{}", page.body);
    }
}
