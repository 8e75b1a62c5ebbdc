//! Who is asking. The list in `access.rs` says for whom a route is, before its handler runs; a handler that takes [`Asking`] has
//! the answer, and cannot run without one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{Kind, Problem};
use crate::auth::identify;
use crate::error::AppError;
use crate::server::access::gate::require_confirmed;
use crate::server::access::{Access, Line};
use crate::server::caller::Caller;
use crate::server::guard::Identity;
use crate::server::services::Services;
use crate::server::sign_ins::Policy;
use crate::server::store::SignedIn;

/// The sign-in whose proof came with the request: an `Authorization` header, or else the session cookie.
pub(super) struct Asking(pub(super) SignedIn);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.remove::<Arc<SignedIn>>() {
            Some(signed_in) => Ok(Self(Arc::unwrap_or_clone(signed_in))),
            // The route is listed as one for everybody, and its handler knows better.
            None => Err(AppError::SignedOut.into()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Lets whoever may ask pass. Whoever changes something is checked in the store now.
pub(super) async fn admit(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match who_may(&parts, &services).await {
        Ok(Some(signed_in)) => {
            parts.extensions.insert(signed_in);
        }
        Ok(None) => {}
        Err(problem) => return problem.into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Nobody in particular where everybody may.
async fn who_may(parts: &Parts, services: &Services) -> Result<Option<Arc<SignedIn>>, Problem> {
    let line = parts.extensions.get::<&'static Line>();
    let access = line.ok_or(Kind::NotFound)?.access;
    if access == Access::Public {
        return Ok(None);
    }
    if access == Access::Confirmed {
        return Ok(Some(require_confirmed(parts, services).await?));
    }
    let policy = if parts.method.is_safe() {
        Policy::Recent
    } else {
        Policy::Fresh
    };
    let (identity, _) = identify(parts, services, policy).await?;
    match identity {
        Identity::SignedIn(signed_in) => Ok(Some(signed_in)),
        Identity::Anonymous => Err(AppError::SignedOut.into()),
    }
}
