//! A person may have so many live sign-ins and no more (SE-13, OWASP ASVS 7.1.2).

use std::time::Duration;

use app::domain::sign_in::{Keep, Kind};
use app::server::caller::Caller;
use axum::Router;

use crate::support::devices::user_of;
use crate::support::{Browser, TestServer};

const THREE: [(&str, &str); 1] = [("TWOFOLD_SIGN_INS_PER_PERSON", "3")];
const LIVE: &str = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";

/// So that one is seen longer ago than the other.
const A_WHILE: Duration = Duration::from_secs(120);

async fn sign_in_later(server: &TestServer) -> Browser {
    server.let_pass(A_WHILE);
    let mut browser = server.browser();
    assert_eq!(browser.sign_in().await.status, 200);
    browser
}

#[tokio::test]
async fn one_more_than_allowed_ends_the_one_seen_longest_ago() {
    let server = TestServer::start_with(&THREE, Router::new()).await;
    let mut first = server.browser();
    first.sign_up().await;
    let mut second = sign_in_later(&server).await;
    let mut third = sign_in_later(&server).await;
    server.let_pass(A_WHILE);
    first.is_still_in().await;

    let mut fourth = sign_in_later(&server).await;

    assert!(first.is_still_in().await, "the oldest, but in use");
    assert!(!second.is_still_in().await, "SE-13");
    assert!(third.is_still_in().await);
    assert!(fourth.is_still_in().await);
}

#[tokio::test]
async fn where_one_is_allowed_the_newest_is_the_one() {
    let one = [("TWOFOLD_SIGN_INS_PER_PERSON", "1")];
    let server = TestServer::start_with(&one, Router::new()).await;
    let mut first = server.browser();
    first.sign_up().await;

    let mut second = server.browser();
    second.sign_in().await;

    assert!(!first.is_still_in().await);
    assert!(second.is_still_in().await);
}

#[tokio::test]
async fn what_has_ended_by_itself_does_not_count_nor_do_other_people() {
    let server = TestServer::start_with(&THREE, Router::new()).await;
    server.browser().sign_up().await;
    for _ in 0..2 {
        sign_in_later(&server).await;
    }
    server.let_pass(Duration::from_secs(12 * 60 * 60));
    let mut other_person = server.browser();
    other_person.sign_up_as("bob@example.com").await;

    let mut three = Vec::new();
    for _ in 0..3 {
        three.push(sign_in_later(&server).await);
    }

    for browser in &mut three {
        assert!(browser.is_still_in().await);
    }
    assert!(other_person.is_still_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_all_begin_and_never_are_there_too_many() {
    let server = TestServer::start_with(&THREE, Router::new()).await;
    let node = server.another_node(&THREE, Router::new()).await;
    server.browser().sign_up().await;
    let user = user_of(&server).await;

    // Below the password, whose hashing would let them arrive one after the other.
    let attempts = (0..24).map(|number| {
        let node = if number % 2 == 0 { &server } else { &node };
        let (sign_ins, user) = (node.services.sign_ins.clone(), user.clone());
        tokio::spawn(async move {
            let caller = Caller::default();
            let begun = sign_ins.begin(&user, Kind::Cookie, Keep::Longer, &caller);
            begun.await.unwrap();
        })
    });
    for attempt in attempts.collect::<Vec<_>>() {
        attempt.await.unwrap();
    }

    assert_eq!(server.select(LIVE).await, ["3"], "SE-13, RT-04");
}
