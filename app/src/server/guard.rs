//! Who is asking. A guarded server function begins with `let user = require_user().await?;`.

use super::services::parts;
use super::store::SignedIn;
use crate::domain::user::User;
use crate::error::AppError;

/// What the proof that came with a request says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    #[default]
    Anonymous,
    SignedIn(Box<SignedIn>),
}

/// The person who sent this request.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
pub async fn require_user() -> Result<User, AppError> {
    require_sign_in().await.map(|signed_in| signed_in.user)
}

/// The person who sent this request, and by which sign-in.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
pub async fn require_sign_in() -> Result<SignedIn, AppError> {
    match identity() {
        Identity::SignedIn(signed_in) => Ok(*signed_in),
        Identity::Anonymous => Err(AppError::SignedOut),
    }
}

/// Who sent this request, if anybody.
pub fn identity() -> Identity {
    parts()
        .extensions
        .get::<Identity>()
        .cloned()
        .unwrap_or_default()
}
