//! The answer to CSRF: whatever changes something must be asked from this origin. Without it, every line below that is
//! refused is answered with 200 (T01, T02).

use app::server::access::{Access, Kind, TABLE};

use crate::only_in;
use crate::support::askers::functions;
use crate::support::program::ask_with;
use crate::support::server::server_with_program;
use crate::support::{Answer, EMAIL, Mode, TestServer};

async fn status(server: &TestServer, endpoint: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = server.browser().bare("POST", endpoint).form(&[
        ("email", "eve@example.com"),
        ("password", "eve's own password"),
    ]);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn another_site_cannot_reach_any_server_function() {
    let server = TestServer::start().await;
    let own = server.origin();
    let foreign: [&[(&str, &str)]; 9] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "none, cross-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://localhost:1")],
        &[("referer", "https://evil.example/page")],
        &[("cookie", "__Host-session=AAAAAAAAAAAAAAAAAAAAAA")],
    ];

    for line in functions() {
        for headers in foreign {
            assert_eq!(
                status(&server, line.path, headers).await,
                403,
                "SF-01, SF-02 {} {headers:?}",
                line.path
            );
        }
    }
    assert_eq!(server.select("SELECT count(*) FROM users").await, ["0"]);
}

#[tokio::test]
async fn this_site_is_recognised_with_and_without_fetch_metadata() {
    let server = TestServer::start().await;
    let own = server.origin();
    let page = format!("{own}/sign-in");
    let ours: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
        &[("sec-fetch-site", "none")],
        &[("origin", &own)],
        &[("referer", &page)],
        &[],
    ];

    for headers in ours {
        assert_eq!(
            status(&server, "/api/viewer", headers).await,
            200,
            "SF-06 {headers:?}"
        );
    }
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_in_or_out() {
    only_in!(
        Mode::CookieSession,
        "a token is not sent by itself; another site has none to send"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = format!("__Host-session={}", browser.cookies["__Host-session"].0);

    let forged = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    let refused = status(&server, "/api/sign_out", &forged).await;
    let login_csrf = status(&server, "/api/sign_in", &[("sec-fetch-site", "same-site")]).await;

    assert_eq!((refused, login_csrf), (403, 403));
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn nothing_on_another_site_has_our_cookie_read_what_is_personal() {
    only_in!(
        Mode::CookieSession,
        "a token is not sent by itself; another site has none to send"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = format!("__Host-session={}", browser.cookies["__Host-session"].0);
    let read = async |path: &str, site: &str, dest: &str| {
        let request = browser
            .bare("GET", path)
            .header("cookie", &cookie)
            .header("sec-fetch-site", site)
            .header("sec-fetch-dest", dest);
        let answer = Answer::of(request.send().await.unwrap()).await;
        (answer.status.as_u16(), answer.body.contains(EMAIL))
    };

    let personal = TABLE.iter().filter(|line| {
        line.kind != Kind::Page && line.method.is_safe() && line.access != Access::Public
    });
    let paths: Vec<_> = personal.map(|line| line.path).collect();
    assert!(paths.contains(&"/api/v1/events"), "{paths:?}");
    for path in paths {
        for site in ["cross-site", "same-site"] {
            for dest in ["empty", "script", "image", "iframe", "style"] {
                let refused = read(path, site, dest).await;
                assert_eq!(refused, (403, false), "SF-04 {path} {site} {dest}");
            }
            assert_eq!(read(path, site, "document").await.0, 200, "{path} {site}");
        }
        assert_eq!(read(path, "same-origin", "empty").await.0, 200, "{path}");
        assert_eq!(read(path, "none", "document").await.0, 200, "{path}");
    }
    assert!(read("/api/v1/me", "none", "document").await.1);
}

#[tokio::test]
async fn a_token_is_shown_on_purpose_wherever_it_is_shown() {
    let (_server, program) = server_with_program().await;
    let authorization = format!("Bearer {}", program.access_token);

    let headers = [
        ("authorization", authorization.as_str()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-dest", "empty"),
    ];
    let answer = ask_with(&program.browser, "GET", "/api/v1/me", &headers).await;

    assert_eq!(answer.status, 200, "SF-04");
}

#[tokio::test]
async fn routes_that_are_added_later_are_protected_without_a_word() {
    let more = axum::Router::new().route("/anything", axum::routing::any(|| async { "done" }));
    let server = TestServer::start_with(&[], more).await;

    let socket = server
        .browser()
        .bare("GET", "/anything")
        .header("sec-fetch-site", "same-site")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(socket.send().await.unwrap().status(), 403, "T10, SF-09");
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let request = server
            .browser()
            .bare(method, "/anything")
            .header("sec-fetch-site", "cross-site");
        assert_eq!(
            request.send().await.unwrap().status(),
            403,
            "SF-02 {method}"
        );
    }
}
