//! The log: one line per request with its id, never a header, a body or a query, because secrets travel in them.

use std::io::IsTerminal;

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use axum::extract::Request;
use tower_http::request_id::RequestId;
use tracing::{Instrument, Span};
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

/// Lets what is rendered be about the request that asked for the page: Leptos spawns what a page waits for, and a spawned task
/// is about nothing by itself, so that a reference would lead to no line.
pub fn follow_rendering() {
    // Another server of this process, as tests have them, may have been first.
    let _ = Executor::init_custom_executor(InSpan);
}

struct InSpan;

impl CustomExecutor for InSpan {
    fn spawn(&self, task: PinnedFuture<()>) {
        tokio::spawn(task.in_current_span());
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(task.in_current_span());
    }

    fn poll_local(&self) {}
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
