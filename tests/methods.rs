//! Methods that nothing here knows, and ways to say one and mean another (SF-17).

use crate::support::program::{SIGN_INS, ask_with};
use crate::support::server::server_with_program;
use crate::support::{Answer, EMAIL, TestServer};

const OVERRIDES: [(&str, &str); 4] = [
    ("x-http-method-override", "POST"),
    ("x-http-method", "POST"),
    ("x-method-override", "POST"),
    ("x-original-method", "POST"),
];

#[tokio::test]
async fn an_undeclared_method_does_nothing_and_echoes_nothing() {
    let server = TestServer::start().await;

    for method in [
        "TRACE", "TRACK", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW",
    ] {
        for path in [
            "/",
            "/sign-in",
            "/account",
            "/account/devices",
            "/healthz",
            "/readyz",
            "/csp-report",
            "/.well-known/jwks.json",
            "/api/sign_in",
            "/api/sign_out",
            "/api/refresh",
            "/api/v1/me",
            "/api/v1/token/refresh",
        ] {
            let request = server
                .browser()
                .bare(method, path)
                .header("sec-fetch-site", "same-origin")
                .header("x-canary", "canary-header")
                .body("canary-body");
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 405, "SF-17 {method} {path} {}", answer.body);
            assert!(!answer.body.contains("canary"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_method_is_what_it_says_it_is() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookies: Vec<_> = browser
        .cookies
        .iter()
        .map(|(name, (value, _))| format!("{name}={value}"))
        .collect();

    for (name, value) in OVERRIDES {
        for path in [
            "/api/sign_out",
            "/api/sign_out?_method=POST",
            "/api/end_all_sign_ins",
            "/api/refresh",
        ] {
            let mut request = browser
                .bare("GET", path)
                .header("cookie", cookies.join("; "))
                .header("sec-fetch-site", "same-origin")
                .header(name, value);
            if let Some(token) = &browser.token {
                request = request.bearer_auth(token);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 405, "SF-17 {path} {name}");
            assert!(answer.set_cookies().is_empty(), "SF-17 {path} {name}");
        }
    }
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert!(browser.is_still_in().await);
}

#[tokio::test]
async fn a_post_is_no_delete() {
    let (server, program) = server_with_program().await;
    let authorization = format!("Bearer {}", program.access_token);

    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        for method in ["POST", "GET"] {
            let path = format!("{SIGN_INS}?_method=DELETE");
            let headers = [("authorization", authorization.as_str()), (name, "DELETE")];
            ask_with(&program.browser, method, &path, &headers).await;
        }
    }

    let live = server
        .select("SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL")
        .await;
    assert_eq!(live, ["2"], "SF-17");
}
