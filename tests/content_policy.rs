//! What may run on a page, and that on everything else nothing may: the answer to XSS.

use std::collections::HashSet;

use axum::Router;
use axum::routing::get;

use crate::support::{Answer, TestServer};

const PAGES: [&str; 4] = ["/", "/sign-in", "/sign-up", "/nowhere"];

fn nonce_of(page: &Answer) -> &str {
    let policy = page.header("content-security-policy");
    policy
        .split(['\''])
        .find_map(|word| word.strip_prefix("nonce-"))
        .unwrap()
}

#[tokio::test]
async fn a_page_names_what_may_run_and_nothing_else_may() {
    let server = TestServer::start().await;

    for path in PAGES {
        let page = server.browser().get(path).await;
        let policy = page.header("content-security-policy");
        assert_eq!(
            policy.replace(nonce_of(&page), "…"),
            "default-src 'none'; script-src 'nonce-…' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self'; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types twofold; \
             report-uri /csp-report",
            "FE-02, FE-04, FE-05, FE-07 {path}"
        );
        let lower = page.body.to_ascii_lowercase();
        assert!(!lower.contains("http-equiv"), "the policy is a header");
        for inline in [
            " style=\"",
            "<style",
            " onclick=",
            " onload=",
            "javascript:",
        ] {
            assert!(!lower.contains(inline), "{path} {inline}");
        }
    }
}

#[tokio::test]
async fn a_thousand_pages_have_a_thousand_nonces_of_128_bits() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mut nonces = HashSet::new();

    for _ in 0..1_000 {
        let page = browser.get("/sign-in").await;
        let nonce = nonce_of(&page).to_owned();
        // 22 characters of base64url carry 132 bits, of which 128 are used.
        assert!(nonce.len() >= 22, "FE-03 {nonce}");
        assert_eq!(page.header("cache-control"), "no-store", "FE-03");
        assert!(nonces.insert(nonce), "FE-03: a nonce came twice");
    }
    let first_characters: HashSet<_> = nonces.iter().map(|nonce| &nonce[..1]).collect();
    assert!(first_characters.len() > 32, "a counter looks like this");
}

#[tokio::test]
async fn what_is_no_page_may_run_nothing() {
    let html = "<!DOCTYPE html><script>alert(1)</script>";
    let more = Router::new()
        .route("/panics", get(|| async { panic!("on purpose") as &str }))
        .route(
            "/plain",
            get(move || async move { axum::response::Html(html) }),
        );
    let server = TestServer::start_with(&[], more).await;
    let mut browser = server.browser();

    for path in [
        "/plain",
        "/panics",
        "/healthz",
        "/pkg/nothing.js",
        "/api/nothing",
        "/csp-report",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
            "FE-02 {path}"
        );
    }
}

#[tokio::test]
async fn with_tls_reports_go_to_a_named_endpoint_as_well() {
    let variables = [("TWOFOLD_ORIGIN", "https://app.example.com")];
    let server = TestServer::start_with(&variables, Router::new()).await;

    let page = server.browser().get("/sign-in").await;

    let policy = page.header("content-security-policy");
    assert!(
        policy.ends_with("report-uri /csp-report; report-to csp"),
        "FE-05 {policy}"
    );
    assert_eq!(page.header("reporting-endpoints"), "csp=\"/csp-report\"");
}
