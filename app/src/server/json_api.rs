//! `/api/v1`: what programs other than the browser app ask for, in JSON, the same in every build. Its routes and their
//! OpenAPI document are one list, so neither has what the other has not. Knows no Leptos and no SQL.

mod account;
mod asking;
mod body;
mod document;
mod edge;
mod problem;
mod sign_ins;
mod token;

use axum::Router;
use axum::routing::any;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::problem::{Kind, Problem};
use super::services::Services;

pub use self::edge::speak_problems;

/// Everything under `/api/v1`, an answer for what is not there included.
pub fn router(services: &Services) -> Router {
    let (documented, _) = documented().split_for_parts();
    documented
        .route("/api/v1", any(nothing))
        .route("/api/v1/", any(nothing))
        .route("/api/v1/{*path}", any(nothing))
        .with_state(services.clone())
}

fn documented() -> OpenApiRouter<Services> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        .routes(routes!(token::grant, token::end))
        .routes(routes!(token::refresh))
        .routes(routes!(account::me))
        .routes(routes!(sign_ins::list, sign_ins::end_others))
        .routes(routes!(sign_ins::end_one))
        .routes(routes!(document::serve))
}

async fn nothing() -> Problem {
    Kind::NotFound.into()
}
