//! `/api/v1/token`: a password for tokens (RFC 6749 §4.3), and the end of the sign-in.

use std::time::{Duration, Instant};

use crate::only_in;
use crate::support::program::{
    ME, Program, TOKEN, ask_with, assert_problem, credentials, post, post_json,
};
use crate::support::server::server_with_program;
use crate::support::{EMAIL, Mode, PASSWORD, TestServer};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_password_gets_tokens_and_no_cookie() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    let answer = post_json(&server.browser(), TOKEN, &credentials(EMAIL, PASSWORD)).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store", "RFC 6749 §5.1");
    assert_eq!(answer.header("set-cookie"), "");
    let tokens = answer.json();
    let mut members: Vec<_> = tokens.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"]),
        (&"Bearer".into(), &300.into())
    );
}

#[tokio::test]
async fn the_access_token_says_whose_account_it_is() {
    let (_server, program) = server_with_program().await;

    let me = program.ask("GET", ME).await;

    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(me.json()["email"], EMAIL);
    assert_eq!(me.json()["signed_in_with"], "token");
    for moment in ["member_since", "signed_in_since"] {
        let text = me.json()[moment].as_str().unwrap().to_owned();
        assert_eq!(
            (text.len(), &text[10..11], &text[19..]),
            (20, "T", "Z"),
            "RFC 3339: {text}"
        );
    }
}

#[tokio::test]
async fn a_form_as_oauth_clients_send_it_does_as_well() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let password = PASSWORD.replace(' ', "+");
    let form = format!("grant_type=password&username={EMAIL}&password={password}");

    for form in [
        form.clone(),
        format!("{form}&client_id=app&scope=&keep=true"),
        form.replace('@', "%40"),
    ] {
        let answer = post(&server.browser(), TOKEN, FORM, form.clone()).await;
        assert_eq!(answer.status, 200, "RFC 6749 §3.2 {form}: {}", answer.body);
    }
    for (form, kind) in [
        (form.replace("grant_type=password&", ""), "invalid_request"),
        (form.replace("=password&", "=&"), "invalid_request"),
        (
            form.replace("=password&", "=client_credentials&"),
            "unsupported_grant_type",
        ),
        (
            "grant_type=refresh_token".to_owned(),
            "unsupported_grant_type",
        ),
        (format!("{form}&scope=admin"), "invalid_scope"),
        (
            format!("{form}&username=bob@example.com"),
            "invalid_request",
        ),
        (format!("{form}&keep=perhaps"), "invalid_request"),
    ] {
        let answer = post(&server.browser(), TOKEN, FORM, form.clone()).await;
        assert_problem(&answer, 400, kind, &form);
        assert_eq!(answer.error(), kind, "RFC 6749 §5.2");
    }
}

#[tokio::test]
async fn an_unknown_address_a_wrong_password_and_a_disabled_account_are_one_answer() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let browser = server.browser();

    let wrong = post_json(&browser, TOKEN, &credentials(EMAIL, "a wrong password")).await;
    let unknown = post_json(&browser, TOKEN, &credentials("no@example.com", PASSWORD)).await;

    let disabling = "UPDATE users SET disabled_at = 1".to_owned();
    server.execute(disabling).await;
    let disabled = post_json(&browser, TOKEN, &credentials(EMAIL, PASSWORD)).await;

    assert_problem(&wrong, 400, "invalid_grant", "EN-01");
    assert_eq!(wrong.error(), "invalid_grant", "RFC 6749 §5.2");
    for other in [&unknown, &disabled] {
        assert_eq!(
            wrong.body_of_any_reference(),
            other.body_of_any_reference(),
            "EN-01"
        );
        assert_eq!(
            wrong.headers_of_any_reference(),
            other.headers_of_any_reference(),
            "EN-01"
        );
    }
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    let many = [("TWOFOLD_GUESSES_PER_ACCOUNT", "100")];
    let server = TestServer::start_with(&many, axum::Router::new()).await;
    server.browser().sign_up().await;
    let browser = server.browser();

    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        for (email, times) in [(EMAIL, &mut wrong), ("no@example.com", &mut unknown)] {
            let start = Instant::now();
            let wrong = credentials(email, "a wrong password");
            let answer = post_json(&browser, TOKEN, &wrong).await;
            times.push(start.elapsed());
            assert_eq!(answer.status, 400, "a refused try has no hash");
        }
    }

    // The fastest of many is what the work takes, the rest is the machine's: without the hash of nobody, one is twenty
    // times the other. What little there may be is for `tests/timing.rs`.
    let fastest = |times: &[Duration]| times.iter().min().unwrap().as_secs_f64();
    let ratio = fastest(&unknown) / fastest(&wrong);
    assert!(
        (0.2..5.0).contains(&ratio),
        "EN-02: unknown : wrong = {ratio}"
    );
}

#[tokio::test]
async fn a_program_is_one_of_the_persons_sign_ins() {
    let server =
        TestServer::start_with(&[("TWOFOLD_SIGN_INS_PER_PERSON", "2")], axum::Router::new()).await;
    server.browser().sign_up().await;
    let body = serde_json::json!({"username": EMAIL, "password": PASSWORD, "keep": true});

    let first = Program::sign_in(&server).await;
    server.let_pass(Duration::from_secs(1));
    let kept = post_json(&server.browser(), TOKEN, &body).await;
    server.let_pass(Duration::from_secs(1));
    Program::sign_in(&server).await;

    assert_eq!(kept.status, 200);
    let rows = "SELECT kind || ' ' || address FROM sign_ins WHERE revoked_at IS NULL";
    assert_eq!(
        server.select(rows).await,
        ["token 127.0.0.1", "token 127.0.0.1"],
        "SE-13"
    );
    let kept = "SELECT kept FROM sign_ins WHERE revoked_at IS NULL ORDER BY kept";
    assert_eq!(server.select(kept).await, ["0", "1"]);
    assert_problem(
        &first.ask("GET", ME).await,
        401,
        "invalid_token",
        "the one seen longest ago",
    );
}

#[tokio::test]
async fn who_else_the_request_claims_to_be_does_not_matter_for_a_grant() {
    let server = TestServer::start().await;
    let mut bob = server.browser();
    bob.sign_up_as("bob@example.com").await;
    server.browser().sign_up().await;
    let cookies: Vec<_> = bob
        .cookies
        .iter()
        .map(|(name, (value, _))| format!("{name}={value}"))
        .collect();
    let request = bob
        .bare("POST", TOKEN)
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookies.join("; "))
        .header("authorization", "Bearer of.bad.news")
        .header("content-type", "application/json")
        .body(credentials(EMAIL, PASSWORD).to_string());

    let answer = crate::support::Answer::of(request.send().await.unwrap()).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
    let authorization = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
    let me = ask_with(&bob, "GET", ME, &[("authorization", &authorization)]).await;
    assert_eq!(me.json()["email"], EMAIL);
    assert_eq!(
        bob.viewer().await.as_deref(),
        Some("bob@example.com"),
        "Bob is still in"
    );
}

#[tokio::test]
async fn signing_out_ends_both_tokens_at_once_and_twice_is_fine() {
    let (_server, program) = server_with_program().await;

    let ended = program.ask("DELETE", TOKEN).await;
    let again = program.ask("DELETE", TOKEN).await;

    assert_eq!((ended.status.as_u16(), ended.body.as_str()), (204, ""));
    assert_eq!(ended.header("cache-control"), "no-store");
    assert_eq!(again.status, 204, "RFC 7009 §2.2");
    assert_problem(
        &program.ask("GET", ME).await,
        401,
        "invalid_token",
        "the access token",
    );
    let renewal = program.renew(&program.refresh_token, None).await;
    assert_problem(&renewal, 400, "invalid_grant", "the refresh token");
}

#[tokio::test]
async fn signing_out_takes_a_proof() {
    let (server, program) = server_with_program().await;
    let browser = server.browser();

    let nobody = ask_with(&browser, "DELETE", TOKEN, &[]).await;
    let garbage = ask_with(&browser, "DELETE", TOKEN, &[("authorization", "Bearer x")]).await;
    server.let_pass(Duration::from_secs(310));
    let expired = program.ask("DELETE", TOKEN).await;

    assert_problem(&nobody, 401, "signed_out", "no token");
    assert_problem(&garbage, 401, "invalid_token", "no token of ours");
    assert_problem(&expired, 401, "invalid_token", "it has run out");
    assert_eq!(
        program.renew(&program.refresh_token, None).await.status,
        200
    );
}

#[tokio::test]
async fn the_session_cookie_counts_here_too_but_not_from_another_site() {
    only_in!(
        Mode::CookieSession,
        "the session cookie is this mode's proof"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = format!("__Host-session={}", browser.cookies["__Host-session"].0);
    let with = |site| [("cookie", cookie.as_str()), ("sec-fetch-site", site)];

    let me = ask_with(&browser, "GET", ME, &with("none")).await;
    let from_elsewhere = ask_with(&browser, "DELETE", TOKEN, &with("cross-site")).await;
    let without_origin = ask_with(&browser, "DELETE", TOKEN, &[("cookie", &cookie)]).await;
    let still = browser.viewer().await;
    let ended = ask_with(&browser, "DELETE", TOKEN, &with("same-origin")).await;

    assert_eq!(me.json()["signed_in_with"], "cookie");
    assert_problem(&from_elsewhere, 403, "cross_site", "SF-01");
    assert_problem(&without_origin, 403, "cross_site", "SF-01");
    assert_eq!(still.as_deref(), Some(EMAIL));
    assert_eq!(ended.status, 204);
    assert_eq!(browser.viewer().await, None);
}
