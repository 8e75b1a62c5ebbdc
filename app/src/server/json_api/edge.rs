//! The outermost word: whatever was refused under `/api/v1`, and by whichever layer, is a problem document that names its
//! request, and no cache keeps what depends on who asks.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{Kind, Problem};
use crate::error::AppError;
use crate::server::caller::request_id;
use crate::server::forms::NO_STORE;

/// A layer for the whole server. It belongs around those that answer by themselves: time-outs, panics, other origins.
pub async fn speak_problems(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/api/v1" && !path.starts_with("/api/v1/") {
        return next.run(request).await;
    }
    let request_id = request_id(request.headers()).to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        response = with_body(response, &request_id);
    }
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(NO_STORE);
    response
}

fn with_body(refusal: Response, request_id: &str) -> Response {
    let (problem, mut response) = match refusal.extensions().get::<Problem>() {
        Some(problem) => {
            tracing::info!(reason = ?problem, "refused");
            (*problem, refusal)
        }
        None => translate(&refusal),
    };
    let json = serde_json::to_vec(&problem.details(request_id)).unwrap_or_default();
    // The router counted a body that was not there yet.
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(json);
    response
}

/// The same failure in this format. The framework's own refusals have a status and no more.
fn translate(refusal: &Response) -> (Problem, Response) {
    let problem = match refusal.extensions().get::<AppError>() {
        Some(error) => Problem::from(error.clone()),
        None => kind_of(refusal.status()).into(),
    };
    let mut response = problem.into_response();
    if let Some(methods) = refusal.headers().get(header::ALLOW) {
        response
            .headers_mut()
            .insert(header::ALLOW, methods.clone());
    }
    (problem, response)
}

fn kind_of(status: StatusCode) -> Kind {
    let same = Kind::ALL.into_iter().find(|kind| kind.status() == status);
    same.unwrap_or(if status.is_client_error() {
        Kind::InvalidRequest
    } else {
        Kind::ServerError
    })
}
