//! What is served where, and the layers around it in one list.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use app::app::App;
use app::auth;
use app::error::AppError;
use app::server::client_address;
use app::server::json_api;
use app::server::keys::jwks;
use app::server::services::Services;
use app::shell::{Assets, shell};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use http_body_util::Limited;
use leptos::prelude::{LeptosOptions, view};
use leptos_axum::{ErrorHandler, LeptosRoutes, generate_route_list};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::MakeRequestUuid;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use super::assets;
use super::config::Config;
use super::telemetry;

/// A request that takes longer is given up: nothing here takes a tenth of it.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// For a body, whichever route it is sent to and however it is read (T08, AV-04). Forms and JSON have less by themselves.
const MOST_BODY_BYTES: usize = 1024 * 1024;
/// For a path with its query: no link of this app comes near.
const MOST_PATH_BYTES: usize = 16 * 1024;

/// Everything the server answers; `more` goes behind the same layers as the pages.
pub fn build(config: &Config, services: &Services, more: Router) -> Router {
    let assets = Arc::new(assets::find(&config.leptos));
    let routed = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(services.clone()))
        .route(
            "/.well-known/jwks.json",
            get(jwks::serve).with_state(Arc::clone(&services.keys)),
        )
        .merge(public_files(&config.leptos))
        .fallback_service(auth::attach(
            pages(&config.leptos, services, &assets).merge(more),
            services,
        ));
    with_layers(routed, config)
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
                TraceLayer::new_for_http()
                    .make_span_with(telemetry::span)
                    .on_response(DefaultOnResponse::new().level(Level::INFO)),
            )
            .propagate_x_request_id()
            .layer(from_fn(json_api::speak_problems))
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(TimeoutLayer::with_status_code(
                StatusCode::SERVICE_UNAVAILABLE,
                ANSWER_WITHIN,
            ))
            .layer(from_fn(require_path))
            .layer(from_fn(bound_body))
            .layer(CompressionLayer::new().compress_when(worth_compressing())),
    );
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
        Some(path) if path.as_str().len() > MOST_PATH_BYTES => {
            StatusCode::URI_TOO_LONG.into_response()
        }
        Some(path) if path.as_str().starts_with('/') => next.run(request).await,
        _ => AppError::Malformed.into_response(),
    }
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
            "default-src 'none'; frame-ancestors 'none'",
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

/// The pages and the server functions, with whatever else has no address of its own.
fn pages(options: &LeptosOptions, services: &Services, assets: &Arc<Assets>) -> Router {
    let provide = {
        let services = services.clone();
        move || services.provide()
    };
    let document = {
        let assets = Arc::clone(assets);
        move |options: LeptosOptions| shell(options, Arc::clone(&assets))
    };
    let not_found =
        ErrorHandler::new_with_context(provide.clone(), document.clone(), options.clone());
    Router::new()
        .leptos_routes_with_context(
            options,
            generate_route_list(|| view! { <App /> }),
            provide,
            {
                let options = options.clone();
                move || document(options.clone())
            },
        )
        .route("/api/{*endpoint}", any(|| async { AppError::NotFound }))
        .fallback_service(not_found)
        .with_state(options.clone())
}

/// The compiled files, compressed beforehand and cached for ever where their name holds a hash; and the rest of
/// the site folder under the names it had at the start.
fn public_files(options: &LeptosOptions) -> Router {
    let root = std::path::Path::new(options.site_root.as_ref());
    let serve =
        |path: &std::path::Path| ServeDir::new(path).precompressed_br().precompressed_gzip();
    // Only a name that holds a hash means the same content for ever; under a plain one the next build is something else.
    let policy = if assets::are_hashed(options) {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    let compiled = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            move |response: &Response<_>| Some(cache(policy, response.status())),
        ))
        .service(serve(&root.join(options.site_pkg_dir.as_ref())));
    let mut router = Router::new().nest_service(&format!("/{}", options.site_pkg_dir), compiled);
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let ending = name.rsplit('.').next();
        let is_variant = matches!(ending, Some("br" | "gz"));
        if is_file && !is_variant && !name.starts_with('.') {
            router = router.route_service(&format!("/{name}"), serve(root));
        }
    }
    router
}

/// That a file is missing may be different in a moment.
fn cache(policy: &'static str, status: StatusCode) -> HeaderValue {
    HeaderValue::from_static(if status.is_success() {
        policy
    } else {
        "no-store"
    })
}

/// Compiled files were compressed at build time, better than there is time for here.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"))
}

async fn ready(State(services): State<Services>) -> Result<&'static str, AppError> {
    services.store.ping().await?;
    Ok("ready")
}

/// A panic is a 500 that tells nothing, and the process goes on (T09). The panic itself is in the log.
fn after_panic(_: Box<dyn Any + Send>) -> Response<Body> {
    tracing::error!("a request panicked");
    AppError::Internal.into_response()
}
