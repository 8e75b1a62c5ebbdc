//! `/api/v1/sign-ins`: the devices page for programs.

use std::time::Duration;

use axum::Router;
use serde_json::Value;

use crate::support::devices::list_of;
use crate::support::program::{
    ME, Program, SIGN_INS, TOKEN, ask_with, assert_problem, credentials, post_json,
};
use crate::support::server::server_with_program;
use crate::support::{PASSWORD, TestServer};

async fn listed(program: &Program) -> Vec<Value> {
    let answer = program.ask("GET", SIGN_INS).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().unwrap().clone()
}

fn path_of(row: &Value) -> String {
    format!("{SIGN_INS}/{}", row["id"].as_str().unwrap())
}

#[tokio::test]
async fn the_list_has_the_facts_of_the_devices_page() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut browser = server.browser();
    browser.user_agent =
        Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    browser.sign_up().await;
    let program = Program::sign_in(&server).await;
    server.let_pass(Duration::from_secs(120));
    browser.viewer().await;

    let list = listed(&program).await;
    let page = list_of(&mut browser).await;

    assert_eq!(list.len(), 2);
    let own: Vec<_> = list
        .iter()
        .map(|row| row["is_this_device"].as_bool().unwrap())
        .collect();
    assert_eq!(own, [true, false], "the one that asks comes first");
    for row in &list {
        let same = page.iter().find(|other| other["id"] == row["id"]).unwrap();
        for fact in ["device", "kind", "address"] {
            assert_eq!(row[fact], same[fact], "{fact}");
        }
        for moment in ["since", "last_seen"] {
            let text = row[moment].as_str().unwrap();
            assert_eq!(
                (text.len(), &text[10..11], &text[19..]),
                (20, "T", "Z"),
                "RFC 3339: {text}"
            );
            let minute = same[moment].as_str().unwrap();
            assert!(minute.contains(&text[11..16]), "{text} is not {minute}");
        }
        assert_ne!(row["last_seen"], row["since"], "SE-12: two minutes later");
        assert_eq!(
            row.as_object().unwrap().len(),
            same.as_object().unwrap().len()
        );
    }
}

#[tokio::test]
async fn one_can_be_ended_by_its_id_also_the_one_that_asks() {
    let (server, program) = server_with_program().await;
    let other = Program::sign_in(&server).await;
    let (own, others) = (
        path_of(&listed(&program).await[0]),
        path_of(&listed(&other).await[0]),
    );

    let ended = program.ask("DELETE", &others).await;
    let again = program.ask("DELETE", &others).await;

    assert_eq!(
        (ended.status.as_u16(), again.status.as_u16()),
        (204, 204),
        "SE-12"
    );
    assert_problem(
        &other.ask("GET", ME).await,
        401,
        "invalid_token",
        "it has ended",
    );
    assert_eq!(program.ask("GET", ME).await.status, 200);
    assert_eq!(program.ask("DELETE", &own).await.status, 204);
    assert_problem(
        &program.ask("GET", ME).await,
        401,
        "invalid_token",
        "a sign-out",
    );
}

#[tokio::test]
async fn somebody_elses_id_is_answered_like_one_that_never_was() {
    let (server, program) = server_with_program().await;
    let mut bob = server.browser();
    bob.sign_up_as("bob@example.com").await;
    let bobs = post_json(
        &bob,
        "/api/v1/token",
        &credentials("bob@example.com", PASSWORD),
    )
    .await;
    let authorization = format!("Bearer {}", bobs.json()["access_token"].as_str().unwrap());
    let bearer = [("authorization", authorization.as_str())];
    let bobs_list = ask_with(&bob, "GET", SIGN_INS, &bearer).await.json();
    let bobs_path = path_of(&bobs_list[0]);

    let theirs = program.ask("DELETE", &bobs_path).await;
    let mut answers = vec![theirs];
    let long = "A".repeat(5_000);
    for id in [
        "AAAAAAAAAAAAAAAAAAAAAA",
        "x",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "a%2Fb",
        "..%2Fme",
        &long,
    ] {
        answers.push(program.ask("DELETE", &format!("{SIGN_INS}/{id}")).await);
    }

    for answer in &answers {
        assert_problem(answer, 404, "not_found", "EN-05");
        assert_eq!(
            answer.body_of_any_reference(),
            answers[0].body_of_any_reference()
        );
    }
    assert_eq!(
        ask_with(&bob, "GET", ME, &bearer).await.status,
        200,
        "Bob is still in"
    );
}

#[tokio::test]
async fn all_others_can_be_ended_at_once() {
    let (server, program) = server_with_program().await;
    let other = Program::sign_in(&server).await;
    let mut browser = server.browser();
    browser.sign_in().await;

    let ended = program.ask("DELETE", SIGN_INS).await;
    let again = program.ask("DELETE", SIGN_INS).await;

    assert_eq!((ended.status.as_u16(), again.status.as_u16()), (204, 204));
    assert_eq!(listed(&program).await.len(), 1);
    assert_eq!(other.ask("GET", ME).await.status, 401);
    assert_eq!(browser.viewer().await, None, "browsers as well");

    let own = program.ask("DELETE", TOKEN).await;

    assert_eq!(own.status, 204, "and so all have ended");
    assert_eq!(program.ask("GET", ME).await.status, 401);
}
