//! `/api/v1/token/refresh`: the same rotation as a browser's (`refresh_tokens.rs`), with the token in the body.

use std::time::Duration;

use crate::support::program::{ME, REFRESH, assert_problem, post, post_json};
use crate::support::server::server_with_program;
use serde_json::json;

const ATTEMPT: &str = "the-first-attempt-of-this-program";

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair_and_is_spent() {
    let (server, mut program) = server_with_program().await;
    let first = (program.access_token.clone(), program.refresh_token.clone());

    server.let_pass(Duration::from_secs(310));
    let expired = program.ask("GET", ME).await;
    let renewal = program.renew(&first.1, None).await;
    program.keep(&renewal);

    assert_problem(&expired, 401, "invalid_token", "after five minutes");
    assert_eq!(renewal.status, 200, "{}", renewal.body);
    assert_eq!(renewal.header("cache-control"), "no-store");
    assert_eq!(renewal.header("set-cookie"), "");
    assert_ne!(
        (&program.access_token, &program.refresh_token),
        (&first.0, &first.1),
        "RT-02"
    );
    assert_eq!(program.ask("GET", ME).await.status, 200);
}

#[tokio::test]
async fn a_form_renews_as_well() {
    let (server, program) = server_with_program().await;
    let form = format!(
        "grant_type=refresh_token&client_id=app&refresh_token={}",
        program.refresh_token
    );
    let content_type = "application/x-www-form-urlencoded;charset=UTF-8";

    let other = post(
        &server.browser(),
        REFRESH,
        content_type,
        "grant_type=password&refresh_token=x",
    )
    .await;
    let renewal = post(&server.browser(), REFRESH, content_type, form).await;

    assert_problem(
        &other,
        400,
        "unsupported_grant_type",
        "the password belongs elsewhere",
    );
    assert_eq!(renewal.status, 200, "{}", renewal.body);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_ten_seconds() {
    let (server, program) = server_with_program().await;

    let lost = program.renew(&program.refresh_token, None).await;
    server.let_pass(Duration::from_secs(9));
    let again = program.renew(&program.refresh_token, None).await;

    assert_eq!(
        (lost.status.as_u16(), again.status.as_u16()),
        (200, 200),
        "RT-03"
    );
    assert_eq!(
        lost.json()["refresh_token"],
        again.json()["refresh_token"],
        "one successor"
    );
}

#[tokio::test]
async fn a_copy_used_later_ends_the_whole_sign_in() {
    let (server, mut program) = server_with_program().await;
    let spent = program.refresh_token.clone();

    let renewal = program.renew(&spent, None).await;
    program.keep(&renewal);
    server.let_pass(Duration::from_secs(12));
    let stolen = program.renew(&spent, None).await;

    assert_problem(&stolen, 400, "invalid_grant", "RT-02");
    let live = program.renew(&program.refresh_token, None).await;
    assert_problem(&live, 400, "invalid_grant", "RT-07");
    assert_problem(&program.ask("GET", ME).await, 401, "invalid_token", "RT-07");
}

#[tokio::test]
async fn the_same_attempt_gets_its_lost_answer_whenever_it_asks_again() {
    let (server, program) = server_with_program().await;

    let lost = program.renew(&program.refresh_token, Some(ATTEMPT)).await;
    server.let_pass(Duration::from_secs(6 * 60 * 60));
    let again = program.renew(&program.refresh_token, Some(ATTEMPT)).await;

    assert_eq!((lost.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(
        lost.json()["refresh_token"],
        again.json()["refresh_token"],
        "one successor"
    );
}

#[tokio::test]
async fn a_request_that_was_overtaken_gives_nothing_and_ends_nothing() {
    let (_server, mut program) = server_with_program().await;
    let spent = program.refresh_token.clone();

    for attempt in [ATTEMPT, "the-second-attempt-of-this-program"] {
        let renewal = program.renew(&program.refresh_token, Some(attempt)).await;
        program.keep(&renewal);
    }
    let late = program.renew(&spent, Some(ATTEMPT)).await;

    assert_problem(&late, 409, "overtaken", "it is only late");
    assert_eq!(
        program.renew(&program.refresh_token, None).await.status,
        200
    );
}

#[tokio::test]
async fn what_is_no_refresh_token_gives_nothing() {
    let (server, program) = server_with_program().await;
    let browser = server.browser();

    for text in [
        "x",
        "\0",
        "😀",
        "' OR 1=1",
        &"A".repeat(43),
        &"A".repeat(10_000),
        &program.access_token,
    ] {
        let answer = program.renew(text, None).await;
        assert_problem(&answer, 400, "invalid_grant", text);
    }
    for body in [
        json!({}),
        json!({"refresh_token": ""}),
        json!({"refresh_token": 7}),
        json!({"refresh_token": null}),
    ] {
        let answer = post_json(&browser, REFRESH, &body).await;
        assert_problem(&answer, 400, "invalid_request", &body.to_string());
    }
    for attempt in ["", "short", &"x".repeat(65)] {
        let answer = program.renew(&program.refresh_token, Some(attempt)).await;
        assert_problem(&answer, 400, "invalid_request", attempt);
    }
    assert_eq!(
        program.renew(&program.refresh_token, None).await.status,
        200,
        "nothing was spent"
    );
}

#[tokio::test]
async fn twenty_renewals_at_once_have_one_successor() {
    let (_server, program) = server_with_program().await;

    let renewals = (0..20).map(|_| program.renew(&program.refresh_token, None));
    let answers = futures::future::join_all(renewals).await;

    let successors: std::collections::HashSet<_> = answers
        .iter()
        .map(|answer| answer.json()["refresh_token"].to_string())
        .collect();
    assert_eq!(successors.len(), 1, "RT-04: {successors:?}");
    assert!(answers.iter().all(|answer| answer.status == 200));
}
