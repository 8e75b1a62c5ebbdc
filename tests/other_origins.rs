//! What pages of other origins may find out, and what proxies may leave out.

use crate::only_in;
use crate::support::{Answer, EMAIL, Mode, PASSWORD, TestServer};

#[tokio::test]
async fn no_other_origin_is_ever_given_permission() {
    let server = TestServer::start().await;
    let own = server.origin();
    let origins = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "file://".to_owned(),
        format!("{own}.evil.example"),
        format!("{own}0"),
        own.replace("localhost", "evil-localhost"),
        own.replace("localhost", "evil.localhost"),
        own.replace("localhost", "LOCALHOST"),
        own.replace("localhost", "localhost."),
        own.replace("localhost", "127.0.0.1"),
        own.replace("http:", "https:"),
        own.replace("//", "//evil.example@"),
        "http://localhost".to_owned(),
        own,
    ];

    for origin in &origins {
        for path in [
            "/api/account",
            "/api/refresh",
            "/api/v1/token",
            "/api/v1/me",
            "/",
            "/csp-report",
        ] {
            for method in ["OPTIONS", "GET", "POST"] {
                let request = server
                    .browser()
                    .bare(method, path)
                    .header("origin", origin)
                    .header("access-control-request-method", "POST")
                    .header(
                        "access-control-request-headers",
                        "authorization, content-type",
                    )
                    .header("access-control-request-private-network", "true");
                let answer = Answer::of(request.send().await.unwrap()).await;
                let granted = answer
                    .headers
                    .keys()
                    .find(|name| name.as_str().starts_with("access-control-"));
                assert_eq!(granted, None, "SF-15 {method} {path} {origin}");
            }
        }
    }
}

#[tokio::test]
async fn a_plain_form_works_where_a_proxy_takes_fetch_metadata_out() {
    only_in!(Mode::CookieSession, "token mode takes no plain forms");
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let own = server.origin();
    let page = format!("{own}/sign-in");
    // Chromium and Firefox send `Origin` with a form; some proxies take that out as well.
    let left: [&[(&str, &str)]; 3] = [
        &[("origin", &own), ("referer", &page)],
        &[("origin", &own)],
        &[("referer", &page)],
    ];

    for headers in left {
        let mut request = server
            .browser()
            .bare("POST", "/api/sign_in")
            .header("accept", "text/html")
            .header("cookie", "other=1")
            .form(&[
                ("email", EMAIL),
                ("password", PASSWORD),
                ("next", "/account"),
            ]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/account"),
            "SF-06 {headers:?}"
        );
        assert!(
            answer.set_cookies()[0].starts_with("__Host-session="),
            "SF-06 {headers:?}"
        );
    }
}
