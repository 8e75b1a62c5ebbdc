//! What browsers tell when a page tried what its policy forbids (FE-05): a line in the log, and no more. Anybody can send
//! these, so they are few, short, and nothing in them is believed or kept that could be a secret.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::clock::Clock;
use crate::error::AppError;

/// Not below `/api/`, and not behind the same-origin check: browsers send some reports without saying from where, but with
/// cookies. Another site could make visitors send neither of the content types without asking first.
pub const PATH: &str = "/csp-report";

/// A report is about one kilobyte.
const MOST_BYTES: usize = 16 * 1024;
/// A page that is broken for everybody must not fill the disk.
const MOST_A_MINUTE: u32 = 60;
const MOST_AT_ONCE: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);
const LONGEST_FIELD: usize = 120;

/// The log of violations, with how many it took this minute.
#[derive(Clone, Debug)]
pub struct CspReports {
    clock: Clock,
    taken: Arc<Mutex<Option<(Instant, u32)>>>,
}

/// As `report-uri` sends it (CSP 2), one at a time.
#[derive(Deserialize)]
struct Single {
    #[serde(rename = "csp-report")]
    report: Violation,
}

/// As `report-to` sends them (Reporting API), beside reports of other kinds.
#[derive(Deserialize)]
struct Queued {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    body: Violation,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Violation {
    #[serde(alias = "effectiveDirective", rename = "effective-directive")]
    directive: String,
    #[serde(alias = "blockedURL", rename = "blocked-uri")]
    blocked: String,
    #[serde(alias = "documentURL", rename = "document-uri")]
    document: String,
}

impl CspReports {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            taken: Arc::default(),
        }
    }

    /// Takes one report, or several at once.
    pub async fn take(State(reports): State<Self>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        if !reports.may_take_more() {
            return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")]).into_response();
        }
        match read(&parts.headers, body).await {
            Ok(violations) => {
                violations
                    .iter()
                    .take(MOST_AT_ONCE)
                    .for_each(Violation::log);
                StatusCode::NO_CONTENT.into_response()
            }
            Err(error) => error.into_response(),
        }
    }

    /// Counts a request: a fixed minute, for all senders together.
    fn may_take_more(&self) -> bool {
        let now = self.clock.instant();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = taken
            .filter(|(since, _)| now.duration_since(*since) < MINUTE)
            .unwrap_or((now, 0));
        *taken = Some((since, count.saturating_add(1)));
        count < MOST_A_MINUTE
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<Violation>, AppError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    let is_queue = match content_type {
        Some("application/csp-report") => false,
        Some("application/reports+json") => true,
        _ => return Err(AppError::UnsupportedMediaType),
    };
    let body = to_bytes(body, MOST_BYTES)
        .await
        .map_err(|_| AppError::TooLarge)?;
    let violations = if is_queue {
        let queue = serde_json::from_slice::<Vec<Queued>>(&body);
        queue.map(|queue| {
            let ours = queue.into_iter().filter(|it| it.kind == "csp-violation");
            ours.map(|it| it.body).collect()
        })
    } else {
        serde_json::from_slice::<Single>(&body).map(|single| vec![single.report])
    };
    violations.map_err(|_| AppError::Malformed)
}

impl Violation {
    /// Neither a query nor a fragment nor the text of a script, where secrets are: what was forbidden, from where, on which page.
    fn log(&self) {
        tracing::warn!(
            directive = plain(&self.directive),
            blocked = origin_of(&self.blocked),
            page = path_of(&self.document),
            "a page tried what its policy forbids"
        );
    }
}

/// The origin of an address; what is no address is a word like `inline`, or the scheme of one.
fn origin_of(blocked: &str) -> String {
    let uri = blocked.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    let port = uri.as_ref().and_then(Uri::port_u16);
    match (scheme, host, port) {
        (Some(scheme), Some(host), Some(port)) => plain(&format!("{scheme}://{host}:{port}")),
        (Some(scheme), Some(host), None) => plain(&format!("{scheme}://{host}")),
        _ => plain(
            blocked
                .split([':', '/', '?', '#'])
                .next()
                .unwrap_or_default(),
        ),
    }
}

fn path_of(document: &str) -> String {
    let uri = document.parse::<Uri>().ok();
    uri.map_or_else(String::new, |uri| plain(uri.path()))
}

/// Short, and nothing that a log or a terminal could take for its own (AU-05).
fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_graphic)
        .take(LONGEST_FIELD)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{origin_of, path_of, plain};

    #[test]
    fn of_an_address_only_the_origin_is_left_and_of_a_page_only_the_path() {
        for (blocked, origin) in [
            ("inline", "inline"),
            ("trusted-types-sink", "trusted-types-sink"),
            ("data:text/html,secret", "data"),
            (
                "https://evil.example/x?token=secret#secret",
                "https://evil.example",
            ),
            (
                "https://ada:secret@evil.example:8443/",
                "https://evil.example:8443",
            ),
            ("", ""),
        ] {
            assert_eq!(origin_of(blocked), origin);
        }
        let page = "https://app.example.com/reset-password?token=secret#secret";
        assert_eq!(path_of(page), "/reset-password");
        assert_eq!(path_of("no address at all"), "");
    }

    #[test]
    fn a_field_cannot_write_lines_of_its_own() {
        assert_eq!(plain("a\r\nb\u{1b}[31m\u{202e}c"), "ab[31mc");
        assert_eq!(plain(&"a".repeat(500)).len(), 120);
    }
}
