//! One password for many accounts, and the other things that have a limit of their own.

use std::time::{Duration, Instant};

use app::domain::email::Email;
use app::domain::sign_in::Moment;
use app::server::clock::Clock;
use app::server::settings::Limits;
use app::server::throttle::{Guesser, Throttle};
use axum::Router;

use crate::support::program::{REFRESH, assert_problem, post_json};
use crate::support::server::server_with_program;
use crate::support::{Browser, EMAIL, MODE, Mode, TestServer};

async fn spray(browser: &Browser, accounts: std::ops::Range<usize>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for account in accounts {
        let email = format!("person{account}@example.com");
        let mut browser = browser.clone();
        let answer = browser.sign_in_with(&email, "Winter2026!!").await;
        statuses.push(answer.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn one_password_for_three_hundred_accounts_is_cut_off_after_a_hundred() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let attacker = server.browser().at("127.0.0.2");

    let statuses = spray(&attacker, 0..300).await;
    let other = spray(&server.browser(), 0..1).await;
    server.let_pass(Duration::from_secs(36));
    let after = spray(&attacker, 300..302).await;

    assert_eq!(statuses[..100], [401; 100]);
    assert_eq!(statuses[100..], [429; 200], "TH-03");
    assert_eq!(other, [401]);
    assert_eq!(after, [401, 429], "a hundred an hour is one in 36 seconds");
}

#[tokio::test]
async fn an_account_has_a_hundred_guesses_from_wherever_and_its_known_browsers_none_of_them() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut owner = server.browser();
    owner.sign_up().await;
    owner.sign_out().await;
    let stranger = |number: u8| server.browser().at(&format!("127.0.1.{number}"));

    let mut statuses = Vec::new();
    for number in 0..10 {
        for _ in 0..10 {
            let answer = stranger(number).sign_in_with(EMAIL, "wrong").await;
            statuses.push(answer.status.as_u16());
        }
    }
    let right = stranger(10).sign_in().await;
    let other_account = spray(&stranger(10), 0..1).await;
    let known = owner.sign_in().await;
    let next = Duration::from_secs(24 * 60 * 60 / 100);
    server.let_pass(next);
    let later = stranger(11).sign_in_with(EMAIL, "wrong").await;
    let right_later = stranger(12).sign_in().await;

    assert_eq!(statuses, [401; 100]);
    assert_eq!(right.status, 429, "TH-01");
    assert_eq!(right.header("retry-after"), next.as_secs().to_string());
    assert_eq!(other_account, [401]);
    assert_eq!(known.status, 200, "TH-02");
    assert_eq!(
        (later.status.as_u16(), right_later.status.as_u16()),
        (401, 429)
    );
}

#[tokio::test]
async fn an_owner_who_signs_in_in_an_unknown_browser_gives_strangers_no_further_guesses() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    server.browser().sign_up().await;
    let stranger = |number: u8| server.browser().at(&format!("127.0.1.{number}"));

    let mut statuses = Vec::new();
    for number in 0..12 {
        if number == 9 {
            let owner = server.browser().sign_in().await;
            assert_eq!(owner.status, 200);
        }
        for _ in 0..10 {
            let answer = stranger(number).sign_in_with(EMAIL, "wrong").await;
            statuses.push(answer.status.as_u16());
        }
    }

    assert_eq!(
        statuses,
        [[401].repeat(100), [429].repeat(20)].concat(),
        "TH-02"
    );
}

#[tokio::test]
async fn guesses_from_many_addresses_have_one_limit_and_known_browsers_none_of_it() {
    let few = [("TWOFOLD_GUESSES_OVERALL", "6")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let mut owner = server.browser();
    owner.sign_up().await;

    let mut statuses = Vec::new();
    for address in ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"] {
        let attacker = server.browser().at(address);
        statuses.extend(spray(&attacker, 0..2).await);
    }

    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429], "TH-03");
    assert_eq!(owner.sign_in().await.status, 200);
}

#[tokio::test]
async fn a_right_password_gives_its_own_try_back_and_no_wrong_one() {
    let few = [("TWOFOLD_GUESSES_PER_ADDRESS", "5")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    server.browser().at("127.0.0.9").sign_up().await;
    let browser = server.browser();

    let before = spray(&browser, 0..3).await;
    for _ in 0..10 {
        assert_eq!(browser.clone().sign_in().await.status, 200);
    }
    let after = spray(&browser, 3..6).await;

    assert_eq!(before, [401; 3]);
    assert_eq!(after, [401, 401, 429], "TH-10");
}

#[tokio::test]
async fn a_refused_guess_costs_no_hash() {
    let few = [("TWOFOLD_GUESSES_PER_ADDRESS", "15")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let browser = server.browser();
    let time = async |account: usize| {
        let start = Instant::now();
        let statuses = spray(&browser, account..account + 1).await;
        (statuses[0], start.elapsed())
    };

    let mut made = Vec::new();
    let mut refused = Vec::new();
    for account in 0..30 {
        match time(account).await {
            (401, elapsed) => made.push(elapsed),
            (_, elapsed) => refused.push(elapsed),
        }
    }

    assert_eq!((made.len(), refused.len()), (15, 15));
    let (made, refused) = (made.iter().min().unwrap(), refused.iter().min().unwrap());
    assert!(*refused * 4 < *made, "TH-09: {refused:?} against {made:?}");
}

#[tokio::test]
async fn a_password_of_the_lists_uses_up_no_sign_up() {
    let few = [("TWOFOLD_SIGN_UPS_PER_ADDRESS", "1")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let fields = [("email", EMAIL), ("password", "Password2026!")];

    for _ in 0..5 {
        let refused = server.browser().call("/api/sign_up", &fields).await;
        assert_eq!(refused.error(), "password_common");
    }

    assert_eq!(server.browser().sign_up().await.status, 200);
}

#[tokio::test]
async fn sign_ups_have_a_limit_for_each_address() {
    let few = [("TWOFOLD_SIGN_UPS_PER_ADDRESS", "3")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let sign_up = async |index: usize| {
        let email = format!("person{index}@example.com");
        server.browser().sign_up_as(&email).await
    };

    for index in 0..3 {
        assert_eq!(sign_up(index).await.status, 200);
    }
    let fourth = sign_up(3).await;
    let elsewhere = server.browser().at("127.0.0.2").sign_up().await;
    server.let_pass(Duration::from_secs(20 * 60));
    let later = sign_up(4).await;

    assert_eq!(fourth.status, 429, "TH-07");
    assert_eq!(fourth.header("retry-after"), "1200");
    assert_eq!(
        (elsewhere.status, later.status),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    assert_eq!(server.select("SELECT count(*) FROM users").await, ["5"]);
}

#[tokio::test]
async fn renewals_have_a_limit_for_each_address() {
    let few = [("TWOFOLD_RENEWALS_PER_ADDRESS", "4")];
    let server = TestServer::start_outside_time(&few, Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let expected = match MODE {
        Mode::CookieSession => 401,
        Mode::Jwt => 200,
    };

    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(browser.call("/api/refresh", &[]).await.status.as_u16());
    }
    browser.call("/api/refresh/exchange", &[]).await;
    let refused = browser.call("/api/refresh", &[]).await;
    let body = serde_json::json!({"refresh_token": "x"});
    let program = post_json(&browser, REFRESH, &body).await;
    server.let_pass(Duration::from_secs(15));
    let later = browser.call("/api/refresh", &[]).await;

    assert_eq!(statuses, [expected; 3]);
    assert_eq!(refused.status, 429, "TH-07");
    assert_eq!(refused.header("retry-after"), "15");
    assert_problem(&program, 429, "too_many_tries", "TH-07");
    assert_eq!(later.status, expected, "a refused renewal spends nothing");
}

#[tokio::test]
async fn counts_that_say_nothing_any_more_are_cleared_away() {
    let (server, _) = server_with_program().await;
    server.browser().sign_in_with(EMAIL, "wrong").await;
    let count = "SELECT (SELECT count(*) FROM tries) + (SELECT count(*) FROM known_devices)";
    assert_ne!(server.select(count).await, ["0"]);

    server.let_pass(Duration::from_secs(91 * 24 * 60 * 60));
    let _purges_at_its_start = server.another_node(&[], Router::new()).await;

    for _ in 0..100 {
        if server.select(count).await == ["0"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still there: {:?}", server.select(count).await);
}

#[tokio::test]
async fn a_guess_that_is_counted_by_a_clock_behind_has_no_wait_of_its_own() {
    let server = TestServer::start().await;
    let (email, guesser) = (Email::parse(EMAIL).unwrap(), Guesser::default());
    let now = Clock::default().now();
    let node = |clock: Moment| {
        let clock = Clock::stopped_at(clock);
        Throttle::new(server.services.store.clone(), clock, Limits::default())
    };
    let (ahead, behind) = (node(now), node(Moment(now.0 - 2)));

    // As at the turn of every second, when two sign in to one account, and between nodes at any time.
    for round in 0..4 {
        let first = ahead.guess(&email, &guesser).await;
        let second = behind.guess(&email, &guesser).await;
        assert!(first.is_ok() && second.is_ok(), "round {round}: {second:?}");
    }
    for _ in 8..10 {
        let _ = ahead.guess(&email, &guesser).await.unwrap();
    }
    assert!(behind.guess(&email, &guesser).await.is_err(), "TH-01");
}
