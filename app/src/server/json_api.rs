//! `/api/v1`: what programs other than the browser app ask for, in JSON, the same in every build. Its routes and their
//! OpenAPI document are one list, so neither has what the other has not. Knows no Leptos and no SQL.

mod account;
mod asking;
mod body;
mod document;
mod edge;
mod events;
mod problem;
mod sign_ins;
mod token;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::problem::{Kind, Problem};
use super::access::check::Mounted;
use super::services::Services;

pub use self::edge::speak_problems;

/// Everything that is in the document.
pub fn router(services: &Services) -> Router {
    let (documented, _) = documented().split_for_parts();
    documented
        .layer(from_fn_with_state(services.clone(), asking::admit))
        .with_state(services.clone())
}

/// The answer for everything else under `/api/v1`.
pub fn nothing_else() -> Router {
    Router::new()
        .route("/api/v1", any(nothing))
        .route("/api/v1/", any(nothing))
        .route("/api/v1/{*path}", any(nothing))
}

/// What the document lists, which is what is mounted.
pub fn mounted() -> Vec<Mounted> {
    let paths = documented().into_openapi().paths.paths.into_iter();
    let routes = paths.flat_map(|(path, item)| {
        let operations = [
            (Method::GET, item.get),
            (Method::POST, item.post),
            (Method::PUT, item.put),
            (Method::PATCH, item.patch),
            (Method::DELETE, item.delete),
        ];
        let methods = operations
            .into_iter()
            .filter_map(|(method, operation)| operation.map(|_| method));
        methods
            .map(|method| Mounted::route(method, &path))
            .collect::<Vec<_>>()
    });
    routes.collect()
}

fn documented() -> OpenApiRouter<Services> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .routes(routes!(token::grant, token::end))
        .routes(routes!(token::refresh))
        .routes(routes!(account::me))
        .routes(routes!(sign_ins::list, sign_ins::end_others))
        .routes(routes!(sign_ins::end_one))
        .routes(routes!(events::list))
        .routes(routes!(document::serve))
}

async fn nothing() -> Problem {
    Kind::NotFound.into()
}
