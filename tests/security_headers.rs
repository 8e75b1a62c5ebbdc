//! What every answer tells the browser, whatever was asked and however it ended (FE-11, FE-15).

use axum::Router;
use axum::routing::get;
use tempfile::TempDir;

use crate::support::{Answer, PASSWORD, TestServer};

const ON_EVERY_ANSWER: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// One request: what it shows, its method and path, its headers, its body.
type Request<'a> = (u16, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const PAGE: (&str, &str) = ("accept", "text/html");
const JSON: (&str, &str) = ("content-type", "application/json");

const REQUESTS: [Request<'_>; 26] = [
    (200, "GET", "/", &[PAGE], ""),
    (200, "HEAD", "/", &[PAGE], ""),
    (200, "GET", "/healthz", &[], ""),
    (200, "GET", "/readyz", &[], ""),
    (200, "GET", "/.well-known/jwks.json", &[], ""),
    (200, "GET", "/api/v1/openapi.json", &[], ""),
    (200, "GET", "/pkg/twofold.js", &[], ""),
    (200, "GET", "/pkg/twofold.css", &[], ""),
    (200, "GET", "/favicon.svg", &[], ""),
    (
        303,
        "POST",
        "/api/sign_in",
        &[OWN, FORM, PAGE],
        "email=&password=",
    ),
    (303, "GET", "/sign-in?__err=eA&__path=x", &[PAGE], ""),
    (308, "GET", "/sign-in/", &[PAGE], ""),
    (400, "POST", "/api/v1/token", &[JSON], "no JSON"),
    (401, "GET", "/api/v1/me", &[], ""),
    (401, "POST", "/api/account", &[OWN, FORM], ""),
    (
        401,
        "POST",
        "/api/account",
        &[OWN, FORM, ("authorization", "Bearer x")],
        "",
    ),
    (
        403,
        "POST",
        "/api/sign_in",
        &[FORM, ("sec-fetch-site", "cross-site")],
        "",
    ),
    (404, "GET", "/nowhere", &[PAGE], ""),
    (404, "GET", "/pkg/nothing.js", &[], ""),
    (404, "POST", "/api/nothing", &[OWN, FORM], ""),
    (404, "GET", "/api/v1/nothing", &[], ""),
    (405, "GET", "/csp-report", &[], ""),
    (405, "PUT", "/api/v1/me", &[], ""),
    (415, "POST", "/api/sign_in", &[OWN, JSON], "{}"),
    (422, "POST", "/api/sign_in", &[OWN, FORM], "email=x"),
    (500, "GET", "/panics", &[], ""),
];

/// A server with compiled files to serve, and a page that panics.
async fn server(variables: &[(&str, &str)]) -> (TestServer, TempDir) {
    let site = TempDir::new().unwrap();
    let pkg = site.path().join("pkg");
    std::fs::create_dir(&pkg).unwrap();
    for name in ["twofold.js", "twofold.css"] {
        std::fs::write(pkg.join(name), "/**/").unwrap();
    }
    std::fs::write(site.path().join("favicon.svg"), "<svg/>").unwrap();
    let more = Router::new().route(
        "/panics",
        get(|| async { panic!("secret db url postgres://u:p@h/db") as &str }),
    );
    let mut all = vec![("LEPTOS_SITE_ROOT", site.path().to_str().unwrap())];
    all.extend(variables);
    (TestServer::start_with(&all, more).await, site)
}

async fn answer_to(server: &TestServer, request: Request<'_>) -> Answer {
    let (status, method, path, headers, body) = request;
    let mut request = server.browser().bare(method, path).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    answer
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let (server, _site) = server(&[]).await;

    for request in REQUESTS {
        let answer = answer_to(&server, request).await;
        let what = format!("FE-11 {request:?}");
        for (name, value) in ON_EVERY_ANSWER {
            let values: Vec<_> = answer.headers.get_all(name).iter().collect();
            assert_eq!(values, [value], "{what} {name}");
        }
        let policies: Vec<_> = answer
            .headers
            .get_all("content-security-policy")
            .iter()
            .collect();
        let [policy] = policies[..] else {
            panic!("{what}: {policies:?}");
        };
        for part in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(
                policy.to_str().unwrap().contains(part),
                "FE-15 {what} {part}"
            );
        }
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{what}"
        );
        assert_ne!(answer.header("x-request-id"), "", "{what}");
        for name in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert_eq!(answer.header(name), "", "{what} {name}");
        }
        // Over plain HTTP browsers ignore it, and on localhost it would lock other apps out.
        assert_eq!(answer.header("strict-transport-security"), "", "{what}");
    }
}

#[tokio::test]
async fn what_is_text_says_in_which_encoding() {
    let (server, _site) = server(&[]).await;

    for request in REQUESTS {
        let answer = answer_to(&server, request).await;
        let content_type = answer.header("content-type");
        let is_text = content_type.starts_with("text/") || content_type.contains("xml");
        assert_eq!(
            content_type
                .to_ascii_lowercase()
                .matches("charset=utf-8")
                .count(),
            usize::from(is_text),
            "FE-11 {request:?} {content_type}"
        );
        assert!(
            answer.body.is_empty() || !content_type.is_empty(),
            "{request:?} has a body without a type"
        );
    }
}

#[tokio::test]
async fn with_tls_every_answer_asks_for_tls_only() {
    let (server, _site) = server(&[("TWOFOLD_ORIGIN", "https://app.example.com")]).await;

    for request in REQUESTS {
        let answer = answer_to(&server, request).await;
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=63072000; includeSubDomains",
            "FE-11 {request:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_about_a_person_is_kept_by_no_cache() {
    let (server, _site) = server(&[]).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    for path in ["/", "/account", "/account/devices", "/sign-in", "/nowhere"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "FE-13 {path}");
    }
    for endpoint in [
        "/api/account",
        "/api/viewer",
        "/api/sign_ins",
        "/api/nothing",
    ] {
        let answer = browser.call(endpoint, &[]).await;
        assert_eq!(
            answer.header("cache-control"),
            "no-store",
            "FE-13 {endpoint}"
        );
    }
    let fields = [("email", "b@example.com"), ("password", PASSWORD)];
    let answer = browser.post_form("/sign-in", "/api/sign_in", &fields).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("cache-control"), "no-store", "FE-13");
}
