//! Who may ask for what: the one list of everything that is mounted. Nothing can be reached without a line here, and the start
//! is refused where a line is missing or stale. A function behind it asks for itself all the same (SF-10).

pub mod check;
pub mod gate;

use axum::http::Method;

use self::Access::{Confirmed, Public, SignedIn};
use super::csp_reports;

/// Whom something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in, by the store's own word, and gave their password not long ago (ASVS 7.5.3, SU-01).
    Confirmed,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    /// A server function that changes nothing, however it is called.
    Reader,
    /// A server function that may change something: by POST alone, because a link can make anybody send a GET (SF-04).
    Writer,
    /// Anything else.
    Route,
}

/// One line: what may be asked for, how, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    /// GET stands for HEAD as well.
    pub method: Method,
    /// As axum writes it: `{id}` is one segment, `{*file}` everything that follows.
    pub path: &'static str,
    pub access: Access,
}

/// Add a line for whatever you add.
pub const TABLE: &[Line] = &[
    page("/", Public),
    page("/sign-up", Public),
    page("/sign-in", Public),
    page("/forgot-password", Public),
    page("/reset-password", Public),
    page("/verify-email", Public),
    page("/account", SignedIn),
    page("/account/devices", SignedIn),
    page("/account/password", SignedIn),
    page("/account/security", SignedIn),
    page("/confirm", SignedIn),
    reads("/api/viewer", Public),
    // These know whoever opened a link in a mail, by a cookie.
    reads("/api/reset_link", Public),
    reads("/api/address_link", Public),
    reads("/api/account", SignedIn),
    reads("/api/sign_ins", SignedIn),
    reads("/api/events", SignedIn),
    writes("/api/sign_up", Public),
    writes("/api/sign_in", Public),
    writes("/api/ask_to_confirm", Public),
    writes("/api/ask_for_reset", Public),
    // These prove themselves by the link that was opened.
    writes("/api/confirm_address", Public),
    writes("/api/confirm_address_anew", Public),
    writes("/api/reset_password", Public),
    // Signing out twice is fine.
    writes("/api/sign_out", Public),
    // These prove themselves by a cookie that is sent nowhere else.
    writes("/api/refresh", Public),
    writes("/api/refresh/exchange", Public),
    writes("/api/confirm", SignedIn),
    // It takes the password itself.
    writes("/api/change_password", SignedIn),
    writes("/api/end_sign_in", Confirmed),
    writes("/api/end_other_sign_ins", Confirmed),
    writes("/api/end_all_sign_ins", Confirmed),
    route(Method::POST, "/api/v1/token", Public),
    // It looks at the token itself, because one whose sign-in has ended is fine.
    route(Method::DELETE, "/api/v1/token", Public),
    route(Method::POST, "/api/v1/token/refresh", Public),
    route(Method::GET, "/api/v1/me", SignedIn),
    route(Method::GET, "/api/v1/sign-ins", SignedIn),
    route(Method::GET, "/api/v1/events", SignedIn),
    route(Method::DELETE, "/api/v1/sign-ins", Confirmed),
    route(Method::DELETE, "/api/v1/sign-ins/{id}", Confirmed),
    route(Method::GET, "/api/v1/openapi.json", Public),
    route(Method::GET, "/.well-known/jwks.json", Public),
    route(Method::GET, "/healthz", Public),
    route(Method::GET, "/readyz", Public),
    // From the browser itself, whoever is looking.
    route(Method::POST, csp_reports::PATH, Public),
    route(Method::GET, "/pkg/{*file}", Public),
];

const fn page(path: &'static str, access: Access) -> Line {
    line(Kind::Page, Method::GET, path, access)
}

const fn reads(path: &'static str, access: Access) -> Line {
    line(Kind::Reader, Method::POST, path, access)
}

/// For a server function with `input = GetUrl`, whose answer a link may ask for.
pub const fn reads_by_get(path: &'static str, access: Access) -> Line {
    line(Kind::Reader, Method::GET, path, access)
}

const fn writes(path: &'static str, access: Access) -> Line {
    line(Kind::Writer, Method::POST, path, access)
}

const fn route(method: Method, path: &'static str, access: Access) -> Line {
    line(Kind::Route, method, path, access)
}

const fn line(kind: Kind, method: Method, path: &'static str, access: Access) -> Line {
    Line {
        kind,
        method,
        path,
        access,
    }
}

/// The lines for `path`, one a method. A path to the letter goes before a pattern.
fn lines_for(path: &str) -> Vec<&'static Line> {
    let exact: Vec<_> = TABLE.iter().filter(|line| line.path == path).collect();
    if exact.is_empty() {
        let pattern = TABLE.iter().filter(|line| fits(line.path, path));
        return pattern.collect();
    }
    exact
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut given = path.split('/');
    for segment in pattern.split('/') {
        if segment.starts_with("{*") {
            return given.next().is_some_and(|first| !first.is_empty());
        }
        let fits = match given.next() {
            Some(text) if segment.starts_with('{') => !text.is_empty(),
            Some(text) => text == segment,
            None => false,
        };
        if !fits {
            return false;
        }
    }
    given.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::{fits, lines_for};

    #[test]
    fn a_line_is_for_its_path_and_no_other() {
        assert_eq!(lines_for("/account").len(), 1);
        assert_eq!(lines_for("/api/v1/sign-ins").len(), 2);
        for other in [
            "/account/",
            "/account/x.css",
            "/accounting",
            "/Account",
            "/%61ccount",
            "",
            "/pkg",
            "/pkg/",
        ] {
            assert!(lines_for(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_pattern_takes_one_segment_or_all_that_follow() {
        assert!(fits("/a/{id}", "/a/x"));
        assert!(fits("/a/{*rest}", "/a/x/y.css"));
        for other in ["/a", "/a/", "/a/x/y", "/b/x"] {
            assert!(!fits("/a/{id}", other), "{other}");
        }
        assert!(!fits("/a/{*rest}", "/a/"));
    }
}
