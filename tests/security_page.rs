//! `/account/security`: what a person sees of what happened around their account.

use axum::Router;
use serde_json::Value;

use crate::only_in;
use crate::support::program::{ME, Program};
use crate::support::server::server_with_program;
use crate::support::{Browser, EMAIL, Mode, TestServer};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const PAGE: &str = "/account/security";
const LIST: &str = "/api/v1/events";

async fn events_of(browser: &mut Browser) -> Vec<Value> {
    let answer = browser.call("/api/events", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().unwrap().clone()
}

fn words(events: &[Value]) -> Vec<&str> {
    let words = events.iter().map(|event| event["what"].as_str().unwrap());
    words.collect()
}

#[tokio::test]
async fn a_person_sees_their_own_events_newest_first_in_words() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.user_agent = Some(FIREFOX);
    browser.sign_up().await;
    server
        .browser()
        .sign_in_with(EMAIL, "a wrong password")
        .await;

    let events = events_of(&mut browser).await;

    assert_eq!(
        words(&events),
        ["Wrong password", "Signed in with a password", "Signed up"]
    );
    let refused: Vec<_> = events.iter().map(|event| &event["is_refused"]).collect();
    assert_eq!(refused, [true, false, false]);
    assert_eq!(events[0]["device"], "An unknown browser");
    assert_eq!(events[1]["device"], "Firefox on Linux");
    for event in &events {
        assert_eq!(event["address"], "127.0.0.1");
        assert!(event["when"].as_str().unwrap().ends_with(" UTC"));
    }
}

#[tokio::test]
async fn nobody_sees_anothers_events() {
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    ada.sign_up().await;
    bob.sign_up_as("bob@example.com").await;
    server.browser().sign_in_with(EMAIL, "wrong").await;
    server
        .browser()
        .sign_in_with("x@example.com", "wrong")
        .await;

    let seen = events_of(&mut bob).await;
    let page = bob.get(PAGE).await;
    let stranger = server.browser().call("/api/events", &[]).await;

    assert_eq!(words(&seen), ["Signed in with a password", "Signed up"]);
    assert!(!page.body.contains("Wrong password"), "SF-14");
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn the_last_are_shown_and_no_stranger_pushes_off_what_was_done() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) \
               INSERT INTO audit_events (id, happened_at, event, outcome, reason, factor, user_id, address, user_agent, request_id) \
               SELECT 'made' || i, 1800000000 + i, 'sign_in_refused', 'refused', 'wrong_password', 'password', u.id, '', \
               'agent-' || i, '' FROM n, users u";
    server.execute(sql.to_owned()).await;

    let events = events_of(&mut browser).await;

    assert_eq!(events.len(), 27);
    assert_eq!(events[0]["device"], "agent-60");
    assert_eq!(events[24]["device"], "agent-36");
    assert_eq!(
        words(&events)[25..],
        ["Signed in with a password", "Signed up"]
    );
}

#[tokio::test]
async fn an_event_of_a_newer_release_does_not_break_the_page() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let sql = "INSERT INTO audit_events (id, happened_at, event, outcome, factor, user_id, address, user_agent, request_id) \
               SELECT 'a', 2000000000, 'of_the_future', 'done', 'telepathy', id, '', '', '' FROM users";
    server.execute(sql.to_owned()).await;

    let events = events_of(&mut browser).await;

    assert_eq!(events[0]["what"], "Something else");
}

#[tokio::test]
async fn programs_get_the_same_in_codes() {
    let (server, program) = server_with_program().await;
    server.browser().sign_in_with(EMAIL, "wrong").await;
    let mut browser = server.browser();
    browser.sign_in().await;

    let answer = program.ask("GET", LIST).await;
    let list = answer.json();
    let page = events_of(&mut browser).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), page.len());
    for (event, same) in list.iter().zip(&page) {
        assert_eq!(event["description"], same["what"]);
        assert_eq!(event["device"], same["device"]);
    }
    assert_eq!(list[1]["event"], "sign_in_refused");
    assert_eq!(list[1]["reason"], "wrong_password");
    assert_eq!(list[1]["outcome"], "refused");
    assert_eq!(list[1]["factor"], "password");
    assert_eq!(list[1].get("sign_in"), None);
    assert!(list[1]["at"].as_str().unwrap().ends_with('Z'));
    let own = server
        .select("SELECT id FROM sign_ins ORDER BY created_at")
        .await;
    assert!(own.iter().any(|id| list[0]["sign_in"] == id.as_str()));
    assert_eq!(list[0]["request_id"].as_str().unwrap().len(), 36);
    assert_eq!(program.ask("GET", ME).await.status, 200);
}

#[tokio::test]
async fn a_program_does_not_see_anothers_events() {
    let (server, program) = server_with_program().await;
    server.browser().sign_up_as("bob@example.com").await;
    server
        .browser()
        .sign_in_with("bob@example.com", "wrong")
        .await;

    let answer = program.ask("GET", LIST).await;

    assert!(!answer.body.contains("wrong_password"), "{}", answer.body);
    let other = Program::sign_in(&server).await;
    assert_eq!(
        other
            .ask("GET", LIST)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[tokio::test]
async fn the_page_shows_the_events_from_its_first_byte_and_is_linked() {
    only_in!(
        Mode::CookieSession,
        "in token mode the events come with a call: end2end/tests/security.spec.ts"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.user_agent = Some(FIREFOX);
    browser.sign_up().await;
    let mut hostile = server.browser();
    hostile.user_agent = Some("<script>alert(1)</script>");
    hostile.sign_in_with(EMAIL, "wrong").await;

    let page = browser.get(PAGE).await;

    assert_eq!(page.status, 200);
    for text in [
        "Wrong password",
        "Refused",
        "Signed up",
        "Firefox on Linux",
        "127.0.0.1",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("alert(1)"), "FE-01");
    for from in ["/account", "/account/devices"] {
        let body = browser.get(from).await.body;
        assert!(body.contains(r#"href="/account/security""#), "{from}");
    }
}
