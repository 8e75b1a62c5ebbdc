//! Who is asking. A handler that takes [`Asking`] has it; nobody else gets that far.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;
use crate::auth::identify;
use crate::error::AppError;
use crate::server::guard::Identity;
use crate::server::services::Services;
use crate::server::sign_ins::Policy;
use crate::server::store::SignedIn;

/// The sign-in whose proof came with the request: an `Authorization` header, or else the session cookie. Whoever
/// changes something is checked in the store now.
pub(super) struct Asking(pub(super) SignedIn);

impl FromRequestParts<Services> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        let policy = if parts.method.is_safe() {
            Policy::Recent
        } else {
            Policy::Fresh
        };
        match identify(parts, services, policy).await? {
            (Identity::SignedIn(signed_in), _) => Ok(Self(Arc::unwrap_or_clone(signed_in))),
            (Identity::Anonymous, _) => Err(AppError::SignedOut.into()),
        }
    }
}
