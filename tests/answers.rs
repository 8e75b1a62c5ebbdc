//! What every answer has, whatever was asked.

use axum::Router;

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn an_address_without_a_page_is_404_with_the_page_around_it() {
    let server = TestServer::start().await;

    for path in [
        "/nowhere",
        "/sign-in/x",
        "/account.css",
        "/pkg/nothing.js",
        "/%2e%2e/etc/passwd",
    ] {
        let answer = server.browser().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    assert!(
        server
            .browser()
            .get("/nowhere")
            .await
            .body
            .contains("Page not found")
    );
}

#[tokio::test]
async fn the_start_page_says_which_mode_is_running() {
    let server = TestServer::start().await;

    let page = server.browser().get("/").await;

    let sentence = format!("This server runs with {}.", crate::support::MODE.name());
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&sentence));
}

#[tokio::test]
async fn scripts_run_under_a_policy_with_a_nonce_of_their_own() {
    let server = TestServer::start().await;
    let mut nonces = std::collections::HashSet::new();

    for path in ["/", "/sign-in", "/account", "/nowhere"] {
        let page = server.browser().get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        if page.status == 303 {
            continue;
        }
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        assert!(policy.starts_with("default-src 'none'"), "FE-02 {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        let scripts = page.body.matches("<script").count();
        assert_eq!(
            page.body.matches(&format!("nonce=\"{nonce}\"")).count(),
            scripts,
            "{path}"
        );
        // Stock Leptos copies it into the preload links, where a style sheet can read it (T19, FE-06).
        assert_eq!(page.body.matches(&nonce).count(), scripts, "{path}");
        assert!(nonces.insert(nonce), "FE-03: a nonce came twice");
    }
}

#[tokio::test]
async fn pages_and_calls_are_kept_by_no_cache() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    for path in ["/", "/account", "/sign-in", "/nowhere"] {
        assert_eq!(
            browser.get(path).await.header("cache-control"),
            "no-store",
            "FE-13 {path}"
        );
    }
    let call = browser.call("/api/account", &[]).await;
    assert_eq!(call.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_sign_in_page_is_small_and_usable_before_any_script() {
    let server = TestServer::start().await;

    let page = server.browser().get("/sign-in").await;

    assert!(page.body.len() <= 12_000, "{} bytes", page.body.len());
    assert!(
        page.body
            .contains(r#"<form action="/api/sign_in" method="post">"#)
    );
    assert!(
        page.body.contains(r#"autocomplete="current-password""#),
        "PW-07"
    );
}

#[tokio::test]
async fn dynamic_answers_are_compressed_for_who_can_read_it() {
    let server = TestServer::start().await;

    let request = server
        .browser()
        .bare("GET", "/")
        .header("accept-encoding", "br");
    let response = request.send().await.unwrap();

    assert_eq!(response.headers()["content-encoding"], "br");
}

#[tokio::test]
async fn health_and_readiness_tell_nothing_else() {
    let server = TestServer::start().await;

    let health = server.browser().get("/healthz").await;
    let ready = server.browser().get("/readyz").await;

    assert_eq!(
        (health.body.as_str(), ready.body.as_str()),
        ("ok", "ready"),
        "AV-14"
    );
}

#[tokio::test]
async fn other_origins_get_no_permission_to_read() {
    let server = TestServer::start().await;

    for origin in ["https://evil.example", "null"] {
        let preflight = server
            .browser()
            .bare("OPTIONS", "/api/account")
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        let answer = Answer::of(preflight.send().await.unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "SF-15");
    }
}

#[tokio::test]
async fn a_page_has_one_address() {
    let server = TestServer::start().await;

    let answer = server.browser().get("/sign-in/?next=%2Faccount").await;
    let twice = server.browser().get("/sign-in//").await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (308, "/sign-in?next=%2Faccount")
    );
    assert_eq!(twice.header("location"), "/sign-in/");
}

#[tokio::test]
async fn only_a_compiled_file_whose_name_holds_a_hash_is_kept_for_ever() {
    let site = tempfile::TempDir::new().unwrap();
    let pkg = site.path().join("pkg");
    std::fs::create_dir(&pkg).unwrap();
    let root = site.path().to_str().unwrap();
    let variables = [("LEPTOS_SITE_ROOT", root)];

    // As `cargo leptos watch` builds: the next build has the same name.
    std::fs::write(pkg.join("twofold.wasm"), "plain").unwrap();
    let watched = TestServer::start_with(&variables, Router::new()).await;
    let plain = watched.browser().get("/pkg/twofold.wasm").await;
    let page = watched.browser().get("/sign-in").await.body;

    // As `bin/build` does.
    std::fs::rename(pkg.join("twofold.wasm"), pkg.join("twofold.abc.wasm")).unwrap();
    let built = TestServer::start_with(&variables, Router::new()).await;
    let hashed = built.browser().get("/pkg/twofold.abc.wasm").await;
    let missing = built.browser().get("/pkg/twofold.wasm").await;

    assert_eq!(
        (plain.status.as_u16(), plain.header("cache-control")),
        (200, "no-store")
    );
    assert!(page.contains("/pkg/twofold.wasm"), "{page}");
    assert_eq!(
        hashed.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        (missing.status.as_u16(), missing.header("cache-control")),
        (404, "no-store")
    );
}
