//! The answer to CSRF, the cookie's weakness: a request that changes something must come from this very origin.
//! Fetch Metadata says where it comes from; where a browser or proxy leaves that out, `Origin` and `Referer` do
//! (OWASP CSRF cheat sheet; SF-01). It covers every unsafe request to whatever is mounted behind it, and what is read without
//! being for everybody.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::server::access::{Access, Kind, Line};
use crate::server::services::Services;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Passes everything from this origin, and from others what only reads and is for everybody, a page, or shown by a window.
pub(super) async fn require_same_origin(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let is_allowed = if is_safe(&request) {
        !(is_personal(&request) && is_asked_by_others(request.headers()))
    } else {
        comes_from(&services.settings.origin, request.headers())
    };
    if is_allowed {
        return next.run(request).await;
    }
    AppError::CrossSite.into_response()
}

/// A WebSocket begins with a GET, and browsers let any site begin one with our cookies (T10).
fn is_safe(request: &Request) -> bool {
    let is_reading = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let is_socket = request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"));
    is_reading && !is_socket
}

fn comes_from(own_origin: &str, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text(SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    if let Some(origin) = text(header::ORIGIN) {
        return origin == own_origin;
    }
    if let Some(referer) = text(header::REFERER) {
        return referer == own_origin || referer.starts_with(&format!("{own_origin}/"));
    }
    // No browser sends an unsafe request without any of the three; a program may, as long as it has no cookie
    // that somebody else could be making it use.
    !headers.contains_key(header::COOKIE)
}

/// Whether this is what the list keeps for those who are signed in. Pages are not meant: they cannot be framed, and in token mode
/// they are the same for everybody.
fn is_personal(request: &Request) -> bool {
    let line = request.extensions().get::<&'static Line>();
    line.is_some_and(|line| line.kind != Kind::Page && line.access != Access::Public)
}

/// Whether another site has this asked with a cookie of ours, otherwise than by a link that somebody follows. The browser keeps
/// the answer from it, but not the time that it takes, nor what it becomes if it passes for a script or a picture (SF-04).
fn is_asked_by_others(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::AUTHORIZATION) && is_fetched_by_others(headers)
}

/// Whether something on a page of another origin asks for this, by Fetch Metadata. A window that goes there is no such thing: it
/// shows the answer to whoever sits before it, and to no site.
fn is_fetched_by_others(headers: &HeaderMap) -> bool {
    let is_any = |name, expected: &[&str]| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| expected.iter().any(|expected| value == expected))
    };
    let is_foreign = !is_any(SEC_FETCH_SITE, &["same-origin", "none"]);
    // Only a window itself has a document for its destination; a frame says so.
    let is_shown = headers.contains_key(SEC_FETCH_DEST) && is_any(SEC_FETCH_DEST, &["document"]);
    is_foreign && !is_shown
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::HeaderMap;

    use super::{comes_from, is_asked_by_others, is_fetched_by_others, is_personal};
    use crate::server::access::{Access, Line, TABLE, reads_by_get};

    const OWN: &str = "https://app.example.com";

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn allows(headers: &[(&'static str, &str)]) -> bool {
        comes_from(OWN, &map(headers))
    }

    #[test]
    fn a_window_may_go_where_nothing_on_a_foreign_page_may_ask() {
        let foreign = |site, dest| {
            is_fetched_by_others(&map(&[("sec-fetch-site", site), ("sec-fetch-dest", dest)]))
        };
        for site in ["cross-site", "same-site", "", "same-origin, cross-site"] {
            for dest in ["empty", "image", "script", "iframe", "object", ""] {
                assert!(foreign(site, dest), "{site} {dest}");
            }
            assert!(!foreign(site, "document"), "{site}");
            assert!(is_fetched_by_others(&map(&[("sec-fetch-site", site)])));
        }
        for site in ["same-origin", "none"] {
            assert!(!foreign(site, "empty"), "{site}");
        }
        assert!(!is_fetched_by_others(&map(&[])));
    }

    #[test]
    fn a_server_function_that_a_link_may_ask_for_is_as_personal_as_its_line_says() {
        static LINES: [(Line, bool); 3] = [
            (reads_by_get("/api/x", Access::Public), false),
            (reads_by_get("/api/x", Access::SignedIn), true),
            (reads_by_get("/api/x", Access::Confirmed), true),
        ];
        let asked_for = |line: &'static Line| {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(line);
            is_personal(&request)
        };

        for (line, expected) in &LINES {
            assert_eq!(asked_for(line), *expected, "SF-04 {line:?}");
        }
        let page = TABLE.iter().find(|line| line.path == "/account").unwrap();
        assert!(!asked_for(page));
        assert!(!is_personal(&Request::new(Body::empty())), "no line at all");
    }

    #[test]
    fn a_token_is_asked_with_on_purpose() {
        let site = ("sec-fetch-site", "cross-site");

        assert!(is_asked_by_others(&map(&[site])));
        assert!(!is_asked_by_others(&map(&[
            site,
            ("authorization", "Bearer x")
        ])));
    }

    #[test]
    fn fetch_metadata_decides_alone_where_the_browser_sends_it() {
        assert!(allows(&[("sec-fetch-site", "same-origin")]));
        assert!(allows(&[("sec-fetch-site", "none")]));
        for site in ["same-site", "cross-site", "", "same-origin, cross-site"] {
            assert!(
                !allows(&[("sec-fetch-site", site), ("origin", OWN)]),
                "{site}"
            );
        }
    }

    #[test]
    fn without_it_the_origin_must_be_ours_to_the_letter() {
        assert!(allows(&[("origin", OWN)]));
        for origin in [
            "null",
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://sibling.example.com",
        ] {
            assert!(!allows(&[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn without_both_the_referer_must_be_a_page_of_ours() {
        assert!(allows(&[("referer", "https://app.example.com/sign-in")]));
        for referer in [
            "https://evil.example/",
            "https://app.example.com.evil.example/",
            "",
        ] {
            assert!(!allows(&[("referer", referer)]), "{referer}");
        }
    }

    #[test]
    fn a_program_that_says_nothing_may_call_unless_it_carries_a_cookie() {
        assert!(allows(&[]));
        assert!(!allows(&[("cookie", "__Host-session=x")]));
    }
}
