//! Who is asking. A handler that takes [`Asking`] has it; nobody else gets that far.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;
use crate::auth::identify;
use crate::error::AppError;
use crate::server::guard::Identity;
use crate::server::services::Services;
use crate::server::store::SignedIn;

/// The sign-in whose proof came with the request: an `Authorization` header, or else the session cookie.
pub(super) struct Asking(pub(super) SignedIn);

impl FromRequestParts<Services> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Problem> {
        match identify(parts, services).await? {
            (Identity::SignedIn(signed_in), _) => Ok(Self(*signed_in)),
            (Identity::Anonymous, _) => Err(AppError::SignedOut.into()),
        }
    }
}
