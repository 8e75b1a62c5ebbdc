//! The list at work: what has no line is not there, whatever is mounted, and a method without one is refused. Then, where it
//! is known who asks, who may.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use super::{Access, Kind, Line, lines_for};
use crate::auth::{self, spend_proof};
use crate::error::AppError;
use crate::server::answers::CHALLENGE_CONFIRMATION;
use crate::server::forms::NO_STORE;
use crate::server::guard::Identity;
use crate::server::services::Services;
use crate::server::sign_ins::Policy;
use crate::server::store::SignedIn;

/// Stands before everything.
#[derive(Clone)]
pub struct Gate {
    /// The public files beside the compiled ones: their paths, as they were found at the start.
    pub files: Arc<[String]>,
    /// Answers for every address without a line.
    pub nothing: Router,
    /// How long a person counts as confirmed.
    pub confirmation: Duration,
}

/// The outer layer: lets nothing pass that has no line, and leaves the line with the request.
pub async fn close(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if gate.files.iter().any(|file| file == path) {
        return next.run(request).await;
    }
    let lines = lines_for(path);
    if lines.is_empty() {
        let Ok(response) = gate.nothing.oneshot(request).await;
        return response;
    }
    let method = match *request.method() {
        Method::HEAD => &Method::GET,
        ref method => method,
    };
    let Some(line) = lines.iter().find(|line| line.method == *method) else {
        return not_allowed(&lines);
    };
    request.extensions_mut().insert::<&'static Line>(line);
    let mut response = next.run(request).await;
    say_how_recent(response.headers_mut(), gate.confirmation);
    response
}

fn not_allowed(lines: &[&Line]) -> Response {
    let methods = lines.iter().map(|line| match line.method {
        Method::GET => "GET,HEAD",
        ref method => method.as_str(),
    });
    let allow = methods.collect::<Vec<_>>().join(",");
    let headers = [(header::ALLOW, allow)];
    let mut response = (StatusCode::METHOD_NOT_ALLOWED, headers).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// How old the proof may be, for clients that get another (RFC 9470 §3).
fn say_how_recent(headers: &mut HeaderMap, confirmation: Duration) {
    if headers.get(header::WWW_AUTHENTICATE) != Some(&CHALLENGE_CONFIRMATION) {
        return;
    }
    let challenge = format!(
        r#"Bearer realm="twofold", error="insufficient_user_authentication", max_age={}"#,
        confirmation.as_secs()
    );
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
}

/// The inner layer, around the pages and the server functions, when it is known who asks. A page that is not for them was
/// answered with the way to sign in before.
pub async fn admit(State(services): State<Services>, request: Request, next: Next) -> Response {
    let Some(line) = request.extensions().get::<&'static Line>().copied() else {
        return AppError::NotFound.into_response();
    };
    if line.kind == Kind::Page {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let admitted = match line.access {
        Access::Public => Ok(()),
        Access::SignedIn => match parts.extensions.get() {
            Some(Identity::SignedIn(_)) => Ok(()),
            Some(Identity::Anonymous) | None => Err(AppError::SignedOut),
        },
        Access::Confirmed => match require_confirmed(&parts, &services).await {
            Ok(signed_in) => {
                parts.extensions.insert(Identity::SignedIn(signed_in));
                Ok(())
            }
            Err(error) => Err(error),
        },
    };
    match admitted {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    }
}

/// Whoever gave their password not long ago, checked in the store now. A proof of possession that came along is spent for
/// every node.
///
/// # Errors
/// [`AppError::SignedOut`] for nobody, [`AppError::ConfirmationNeeded`] for somebody who gave their password too long ago,
/// and what identifying and [`spend_proof`] fail with.
pub async fn require_confirmed(
    parts: &Parts,
    services: &Services,
) -> Result<Arc<SignedIn>, AppError> {
    let (identity, _) = auth::identify(parts, services, Policy::Fresh).await?;
    let Identity::SignedIn(signed_in) = identity else {
        return Err(AppError::SignedOut);
    };
    if !services.sign_ins.is_confirmed(&signed_in.sign_in) {
        return Err(AppError::ConfirmationNeeded);
    }
    spend_proof(parts, services, &signed_in.sign_in.id).await?;
    Ok(signed_in)
}
