//! Who is asking. A guarded server function begins with `let user = require_user().await?;`.

use std::sync::Arc;

use axum::http::request::Parts;

use super::audit::{Event, Factor, Whom};
use super::caller::Caller;
use super::client_address::ClientAddress;
use super::services::{Services, parts, services};
use super::sign_ins::Policy;
use super::store::SignedIn;
use super::throttle::Throttled;
use crate::auth;
use crate::domain::user::User;
use crate::error::AppError;

/// What the proof that came with a request says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    #[default]
    Anonymous,
    SignedIn(Arc<SignedIn>),
}

/// The person who sent this request.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
pub async fn require_user() -> Result<User, AppError> {
    require_sign_in().await.map(|signed_in| signed_in.user)
}

/// The person who sent this request, and by which sign-in. If that ended on another node within the last second, this one
/// may not know it yet ([`Policy::Recent`]).
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in.
pub async fn require_sign_in() -> Result<SignedIn, AppError> {
    identity().into_signed_in()
}

/// The same, checked in the store now ([`Policy::Fresh`]): for what somebody whose sign-in has just been ended elsewhere
/// must not be able to do any more.
///
/// # Errors
/// [`AppError::SignedOut`] when nobody is signed in, [`AppError::InvalidToken`] when the token proves nothing any more,
/// [`AppError::Unavailable`] when the database fails.
pub async fn require_checked_sign_in() -> Result<SignedIn, AppError> {
    let (identity, _) = auth::identify(&parts(), &services(), Policy::Fresh).await?;
    identity.into_signed_in()
}

/// The same, of somebody who gave their password not long ago: for what a browser that was borrowed or left open must not be
/// able to do (SU-01). The line in `access.rs` says `Confirmed` as well.
///
/// # Errors
/// As above, and [`AppError::ConfirmationNeeded`], on which the page leads to `/confirm` and back.
pub async fn require_confirmed_sign_in() -> Result<SignedIn, AppError> {
    let signed_in = require_checked_sign_in().await?;
    if services().sign_ins.is_confirmed(&signed_in.sign_in) {
        return Ok(signed_in);
    }
    Err(AppError::ConfirmationNeeded)
}

/// Counts a renewal, or an exchange of one proof for another, by what it `shows`, and notes the first in an hour that is one too
/// many.
///
/// # Errors
/// [`AppError::TooMany`].
pub async fn may_renew(services: &Services, parts: &Parts, shows: Factor) -> Result<(), AppError> {
    let from = ClientAddress::found_in(parts);
    let counted = services.throttle.renewal(from).await;
    if let Err(Throttled::Wait { limit, .. }) = &counted {
        let caller = Caller::of(parts).showing(shows);
        let (audit, event) = (&services.audit, Event::RenewalThrottled);
        audit.refused_by(limit, event, Whom::Nobody, &caller).await;
    }
    Ok(counted?)
}

/// Who sent this request, if anybody.
pub fn identity() -> Identity {
    parts()
        .extensions
        .get::<Identity>()
        .cloned()
        .unwrap_or_default()
}

impl Identity {
    fn into_signed_in(self) -> Result<SignedIn, AppError> {
        match self {
            Self::SignedIn(signed_in) => Ok(Arc::unwrap_or_clone(signed_in)),
            Self::Anonymous => Err(AppError::SignedOut),
        }
    }
}

impl From<Option<Arc<SignedIn>>> for Identity {
    fn from(found: Option<Arc<SignedIn>>) -> Self {
        found.map_or(Self::Anonymous, Self::SignedIn)
    }
}
