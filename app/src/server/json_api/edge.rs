//! The outermost word: whatever was refused under `/api/v1`, and by whichever layer, is a problem document, and no cache
//! keeps what depends on who asks.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{CONTENT_TYPE, Kind, Problem};
use crate::error::AppError;
use crate::server::forms::NO_STORE;

/// A layer for the whole server. It belongs around those that answer by themselves: time-outs, panics, other origins.
pub async fn speak_problems(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/api/v1" && !path.starts_with("/api/v1/") {
        return next.run(request).await;
    }
    let mut response = next.run(request).await;
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !is_problem(&response) {
        response = translate(&response);
    }
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(NO_STORE);
    response
}

fn is_problem(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value == CONTENT_TYPE)
}

/// The same failure in this format. The framework's own refusals have a status and no more.
fn translate(refusal: &Response) -> Response {
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
    response
}

fn kind_of(status: StatusCode) -> Kind {
    let same = Kind::ALL.into_iter().find(|kind| kind.status() == status);
    same.unwrap_or(if status.is_client_error() {
        Kind::InvalidRequest
    } else {
        Kind::ServerError
    })
}
