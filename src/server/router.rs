//! What is served where, and the layers around it in one list.

use std::any::Any;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use app::app::App;
use app::auth;
use app::error::AppError;
use app::server::access::TABLE;
use app::server::access::check::{AccessError, Mounted, check};
use app::server::access::gate::{self, Gate};
use app::server::client_address;
use app::server::csp_reports::{self, CspReports};
use app::server::forms::NO_STORE;
use app::server::json_api;
use app::server::keys::jwks;
use app::server::services::Services;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body_util::Limited;
use leptos::prelude::view;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{AxumRouteListing, generate_route_list};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::classify::{SharedClassifier, StatusInRangeAsFailures};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::MakeRequestUuid;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use super::config::Config;
use super::connections::MOST_HEAD_BYTES;
use super::documents::Documents;
use super::public_files::{Plain, public_files};
use super::readiness::Readiness;
use super::telemetry;

/// What is an error in the log. Who is told to come back later, by a 503, is told on purpose; its cause has a line of its own.
const OUR_FAULT: RangeInclusive<u16> = 500..=502;
/// A request that takes longer is given up: nothing here takes a tenth of it.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// For a body, whichever route it is sent to and however it is read (T08, AV-04). Forms and JSON have less by themselves.
const MOST_BODY_BYTES: usize = 1024 * 1024;
/// For a path with its query: no link of this app comes near.
const MOST_PATH_BYTES: usize = 16 * 1024;

/// Everything the server answers; `more` goes behind the same layers as the pages.
///
/// # Errors
/// [`AccessError`], when the list of who may ask for what does not fit what is mounted here.
pub(super) fn build(
    config: &Config,
    services: &Services,
    readiness: Readiness,
    more: Router,
) -> Result<Router, AccessError> {
    let documents = Documents::new(&config.leptos, services);
    let listing = generate_route_list(|| view! { <App /> });
    let plain = Plain::default()
        .get("/healthz", get(|| async { "ok" }))
        .get("/readyz", get(Readiness::serve).with_state(readiness))
        .get(
            "/.well-known/jwks.json",
            get(jwks::serve).with_state(Arc::clone(&services.keys)),
        )
        .post(
            csp_reports::PATH,
            post(CspReports::take).with_state(CspReports::new(services.clock.clone())),
        )
        .compiled_files(&config.leptos);
    check(TABLE, &mounted(&listing, &plain))?;

    let (files, public_files) = public_files(&config.leptos);
    let pages = documents
        .pages(listing)
        .layer(from_fn_with_state(services.clone(), gate::admit));
    let json_api = json_api::router(services);
    let routed = plain
        .router
        .merge(public_files)
        .fallback_service(auth::attach(pages, json_api, services));
    let nothing = documents.not_found().merge(more);
    let gate = Gate {
        files: files.into(),
        nothing: auth::attach(nothing, json_api::nothing_else(), services),
        confirmation: config.settings.lifetimes.confirmation,
    };
    let closed = routed.layer(from_fn_with_state(gate, gate::close));
    Ok(with_layers(closed, config))
}

/// Everything that is mounted and can be listed, for comparison.
fn mounted(listing: &[AxumRouteListing], plain: &Plain) -> Vec<Mounted> {
    let pages = listing.iter().map(|page| Mounted::page(page.path()));
    let functions = server_fn_paths().map(|(path, method)| Mounted::server_function(method, path));
    let plain = plain.mounted.iter().cloned();
    pages
        .chain(functions)
        .chain(json_api::mounted())
        .chain(plain)
        .collect()
}

/// The layers, outermost first: the order in which a request passes them.
fn with_layers(router: Router, config: &Config) -> Router {
    let mut layers = router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(
                config.settings.trusted_proxies.clone(),
                client_address::find,
            ))
            .map_request(without_request_id)
            .set_x_request_id(MakeRequestUuid)
            .layer(
                TraceLayer::new(SharedClassifier::new(StatusInRangeAsFailures::new(
                    OUR_FAULT,
                )))
                .make_span_with(telemetry::span)
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
            )
            .propagate_x_request_id()
            .layer(from_fn(json_api::speak_problems))
            .layer(from_fn(bound_head))
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(from_fn(answer_in_time))
            .layer(from_fn(require_path))
            .layer(from_fn(bound_body))
            .layer(CompressionLayer::new().compress_when(worth_compressing())),
    );
    layers = layers.layer(SetResponseHeaderLayer::overriding(
        header::CONTENT_TYPE,
        with_charset,
    ));
    for (name, value) in security_headers(config) {
        layers = layers.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    layers
}

/// The id is ours: one that a client chose could be another request's.
fn without_request_id<B>(mut request: Request<B>) -> Request<B> {
    request.headers_mut().remove("x-request-id");
    request
}

/// `CONNECT host:443` and `GET host:443` are HTTP, but name no path, which the framework takes for granted (AV-05).
async fn require_path(request: Request<Body>, next: Next) -> Response<Body> {
    match request.uri().path_and_query() {
        Some(path) if path.as_str().len() > MOST_PATH_BYTES => too_long(StatusCode::URI_TOO_LONG),
        Some(path) if path.as_str().starts_with('/') => next.run(request).await,
        _ => AppError::Malformed.into_response(),
    }
}

/// What slipped past the connection's limit in one read is refused as well, in the same way.
async fn bound_head(request: Request<Body>, next: Next) -> Response<Body> {
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > MOST_HEAD_BYTES {
        return too_long(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    next.run(request).await
}

/// Nobody gets there by a link or a form, so there is nothing to say but the status.
fn too_long(status: StatusCode) -> Response<Body> {
    (status, [(header::CACHE_CONTROL, NO_STORE)]).into_response()
}

/// Gives up what takes too long, with what it holds.
async fn answer_in_time(request: Request<Body>, next: Next) -> Response<Body> {
    let answer = timeout(ANSWER_WITHIN, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        tracing::error!("a request took too long");
        AppError::Unavailable.into_response()
    })
}

/// A body that says it is too long is refused unread; one that turns out to be breaks off for whoever reads it.
async fn bound_body(request: Request<Body>, next: Next) -> Response<Body> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MOST_BODY_BYTES) {
        return AppError::TooLarge.into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, MOST_BODY_BYTES))))
        .await
}

/// What every answer tells the browser (OWASP HTTP headers cheat sheet, FE-11). Pages add their own script policy.
fn security_headers(config: &Config) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    if config.settings.origin.starts_with("https://") {
        headers.push((
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        ));
    }
    headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}

/// What is text says in which encoding, on files too (ASVS 4.1.1).
fn with_charset(response: &Response<Body>) -> Option<HeaderValue> {
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let is_text = content_type.starts_with("text/") || content_type.ends_with("xml");
    if !is_text || content_type.contains("charset") {
        return None;
    }
    HeaderValue::from_str(&format!("{content_type}; charset=utf-8")).ok()
}

/// Compiled files were compressed at build time, better than there is time for here.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"))
}

/// A panic is a 500 that tells nothing, and the process goes on (T09). The panic itself is in the log.
fn after_panic(_: Box<dyn Any + Send>) -> Response<Body> {
    tracing::error!("a request panicked");
    AppError::Internal.into_response()
}
