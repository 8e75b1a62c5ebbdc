//! The log: one line per request with its id, never a header, a body or a query, because secrets travel in them.

use std::io::IsTerminal;

use axum::extract::Request;
use tower_http::request_id::RequestId;
use tracing::Span;
use tracing_subscriber::EnvFilter;

use super::config::Config;

/// Starts writing the log to standard error, as lines for people or, in production, as JSON.
pub fn start(config: &Config) {
    let filter = EnvFilter::new(&config.log_filter);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if config.is_production {
        log.json().init();
    } else {
        log.init();
    }
}

/// What every line about a request says of it. A path may have bytes that no browser sends, and a terminal would obey (AU-05).
pub fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    let path = request.uri().path().escape_default().to_string();
    tracing::info_span!(
        "request",
        id = id.unwrap_or_default(),
        method = %request.method(),
        path,
    )
}
