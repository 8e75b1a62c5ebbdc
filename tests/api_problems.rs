//! Whatever goes wrong under `/api/v1` is one clear problem document (RFC 9457), whoever finds it out.

use axum::Router;
use serde_json::json;

use crate::only_in;
use crate::support::program::{
    DOCUMENT, ME, REFRESH, SIGN_INS, TOKEN, ask_with, assert_problem, post, post_json,
};
use crate::support::server::server_with_program;
use crate::support::{EMAIL, Mode, PASSWORD, TestServer};

const JSON: &str = "application/json";

#[tokio::test]
async fn json_that_is_not_what_was_asked_for_is_one_clear_problem() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let browser = server.browser();
    let good = json!({"username": EMAIL, "password": PASSWORD}).to_string();
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let with = |member: &str| good.replace('}', &format!(",{member}}}"));
    let bodies = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        format!("[{EMAIL:?},{PASSWORD:?}]"),
        format!("{good}{good}"),
        format!("\u{feff}{good}"),
        deep.clone(),
        with(r#""admin":true"#),
        with(r#""scope":"all""#),
        with(r#""has_scope":false"#),
        with(&format!(r#""keep":{deep}"#)),
        with(r#""keep":"true""#),
        with(r#""keep":null"#),
        with(r#""grant_type":null"#),
        with(r#""grant_type":"""#),
        with(&format!(r#""username":{EMAIL:?}"#)),
        json!({"username": [EMAIL], "password": PASSWORD}).to_string(),
        json!({"username": 1, "password": PASSWORD}).to_string(),
        json!({"password": PASSWORD}).to_string(),
        json!({"username": EMAIL}).to_string(),
        json!({"username": "", "password": PASSWORD}).to_string(),
        json!({"username": EMAIL, "password": ""}).to_string(),
        json!({"username": "a\0@example.com", "password": PASSWORD}).to_string(),
        json!({"username": "😀@example.com", "password": PASSWORD}).to_string(),
        json!({"username": "x".repeat(10_000), "password": PASSWORD}).to_string(),
        json!({"username": EMAIL, "password": "x".repeat(10_000)}).to_string(),
    ];

    for body in bodies {
        let what: String = body.chars().take(80).collect();
        let answer = post(&browser, TOKEN, JSON, body).await;
        assert_problem(&answer, 400, "invalid_request", &what);
    }
    let not_utf8 = post(&browser, TOKEN, JSON, b"{\"username\":\"\xff\"}".to_vec()).await;
    assert_problem(&not_utf8, 400, "invalid_request", "bytes that are no UTF-8");
    let other = post(
        &browser,
        TOKEN,
        JSON,
        with(r#""grant_type":"client_credentials""#),
    )
    .await;
    assert_problem(&other, 400, "unsupported_grant_type", "RFC 6749 §5.2");
    assert_eq!(
        post(&browser, TOKEN, JSON, with(r#""grant_type":"password""#))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn every_byte_of_a_password_counts_here_too() {
    let server = TestServer::start().await;
    let (email, password) = ("nul@example.com", "nul in\0 the middle 😀 ");
    let mut browser = server.browser();
    browser
        .call("/api/sign_up", &[("email", email), ("password", password)])
        .await;

    for (password, status) in [(password, 200), ("nul in", 400), (password.trim_end(), 400)] {
        let body = json!({"username": email, "password": password});
        assert_eq!(
            post_json(&browser, TOKEN, &body).await.status,
            status,
            "PW-11 {password:?}"
        );
    }
}

#[tokio::test]
async fn too_much_is_413_and_another_content_type_415() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let body = json!({"username": EMAIL, "password": "x".repeat(1_000_000)}).to_string();

    for path in [TOKEN, REFRESH] {
        let large = post(&browser, path, JSON, body.clone()).await;
        assert_problem(&large, 413, "too_large", "AV-04");
        for content_type in [
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "",
            "\u{e9}",
        ] {
            let answer = post(&browser, path, content_type, "{}").await;
            assert_problem(&answer, 415, "unsupported_media_type", content_type);
        }
        let none = ask_with(&browser, "POST", path, &[]).await;
        assert_problem(&none, 415, "unsupported_media_type", "no content type");
        let two = [("content-type", JSON), ("content-type", "text/plain")];
        let answer = ask_with(&browser, "POST", path, &two).await;
        assert_problem(&answer, 415, "unsupported_media_type", "two content types");
    }
    let capital = post(&browser, TOKEN, "Application/JSON; charset=utf-8", "{}").await;
    assert_problem(&capital, 400, "invalid_request", "the type is right");
}

#[tokio::test]
async fn a_request_without_a_token_is_asked_for_one_and_told_no_more() {
    let (server, program) = server_with_program().await;
    let browser = server.browser();

    for (method, path) in [
        ("GET", ME),
        ("GET", SIGN_INS),
        ("DELETE", SIGN_INS),
        ("DELETE", TOKEN),
        ("DELETE", "/api/v1/sign-ins/x"),
    ] {
        let nobody = ask_with(&browser, method, path, &[]).await;
        assert_problem(&nobody, 401, "signed_out", path);
        assert_eq!(
            nobody.header("www-authenticate"),
            r#"Bearer realm="twofold""#,
            "RFC 6750 §3.1"
        );
        assert!(nobody.json().get("error").is_none(), "RFC 6750 §3.1");
        // A browser that opens the address is told the same.
        for accept in ["application/json", "text/html"] {
            for bad in [
                "Bearer",
                "Bearer x.y.z",
                "Basic YTpi",
                &format!("Bearer {} ", program.access_token),
            ] {
                let headers = [("authorization", bad), ("accept", accept)];
                let answer = ask_with(&browser, method, path, &headers).await;
                // HTTP cuts the space at the end of a header.
                if bad.ends_with(' ') && answer.status != 401 {
                    continue;
                }
                assert_problem(&answer, 401, "invalid_token", bad);
                let challenge = r#"Bearer realm="twofold", error="invalid_token""#;
                assert_eq!(answer.header("www-authenticate"), challenge);
                assert_eq!(answer.error(), "invalid_token");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_a_wrong_method_405() {
    let (_server, program) = server_with_program().await;

    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/me/",
        "/api/v1/token/x/y",
        "/api/v1/%00",
        "/api/v1/sign-ins/",
    ] {
        for method in ["GET", "POST", "DELETE", "PATCH"] {
            assert_problem(&program.ask(method, path).await, 404, "not_found", path);
        }
        let form = post(&program.browser, path, "text/html", "x").await;
        assert_problem(&form, 404, "not_found", path);
    }
    for (path, methods) in [
        (TOKEN, "POST,DELETE"),
        (REFRESH, "POST"),
        (ME, "GET,HEAD"),
        (SIGN_INS, "GET,HEAD,DELETE"),
        ("/api/v1/sign-ins/x", "DELETE"),
        (DOCUMENT, "GET,HEAD"),
    ] {
        for method in ["PUT", "PATCH", "OPTIONS", "TRACE"] {
            let answer = program.ask(method, path).await;
            assert_problem(&answer, 405, "method_not_allowed", path);
            assert_eq!(answer.header("allow"), methods, "RFC 9110 §15.5.6 {path}");
        }
    }
}

#[tokio::test]
async fn another_origin_changes_nothing() {
    let (_server, program) = server_with_program().await;
    let authorization = format!("Bearer {}", program.access_token);

    for (method, path) in [
        ("POST", TOKEN),
        ("POST", REFRESH),
        ("DELETE", TOKEN),
        ("DELETE", SIGN_INS),
        ("DELETE", "/api/v1/sign-ins/x"),
    ] {
        for from in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let headers = [from, ("authorization", authorization.as_str())];
            let answer = ask_with(&program.browser, method, path, &headers).await;
            assert_problem(&answer, 403, "cross_site", "SF-01");
        }
    }
    assert_eq!(program.ask("GET", ME).await.status, 200);
}

#[tokio::test]
async fn cookies_that_contradict_each_other_are_a_problem() {
    only_in!(
        Mode::CookieSession,
        "the session cookie is this mode's proof"
    );
    let server = TestServer::start().await;
    let browser = server.browser();
    let two = [("cookie", "__Host-session=a; __Host-session=b")];

    let answer = ask_with(&browser, "GET", ME, &two).await;

    assert_problem(&answer, 400, "invalid_request", "T22");
}

#[tokio::test]
async fn a_panic_is_a_problem_document_as_well() {
    let more = Router::new().route(
        "/api/v1/panic",
        axum::routing::get(|| async { panic!("a secret") as &str }),
    );
    let server = TestServer::start_with(&[], more).await;

    let answer = ask_with(&server.browser(), "GET", "/api/v1/panic", &[]).await;

    assert_problem(&answer, 500, "server_error", "T09");
    assert!(!answer.body.contains("secret"));
}

#[tokio::test]
async fn a_database_that_refuses_is_not_a_wrong_password() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    server.refuse("INSERT ON sign_ins").await;
    let body = json!({"username": EMAIL, "password": PASSWORD});
    let answer = post_json(&server.browser(), TOKEN, &body).await;
    server.refuse_no_more().await;

    assert!(answer.status.is_server_error(), "AV-08 {}", answer.body);
    assert!(answer.json()["type"].as_str().is_some(), "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
}
