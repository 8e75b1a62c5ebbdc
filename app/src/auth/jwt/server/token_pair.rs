//! What proves a token sign-in: a signed access token and, behind it, the refresh token that gets the next pair. The same
//! for browsers, which keep the second half in a cookie, and for other clients, which get both in the body.

use std::ops::RangeInclusive;

use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::{access_token, possession};
use crate::auth::jwt::{AccessToken, attempt as names};
use crate::domain::sign_in::{Keep, Kind, SignIn};
use crate::domain::user::User;
use crate::error::AppError;
use crate::server::answers::internal;
use crate::server::audit::Factor;
use crate::server::caller::Caller;
use crate::server::secret::{Hashed, Secret};
use crate::server::services::Services;
use crate::server::sign_ins::RenewalError;
use crate::server::store::{Attempt, Shown};

/// Both halves, and how long the person wants to be kept signed in.
pub struct TokenPair {
    pub access_token: AccessToken,
    pub refresh_token: Secret,
    pub keep: Keep,
    /// Whether it is worth nothing without a proof of its client's key.
    pub is_bound: bool,
}

/// Why there is no next pair.
#[derive(Debug, thiserror::Error)]
pub enum NoPair {
    #[error(transparent)]
    Renewal(#[from] RenewalError),
    #[error(transparent)]
    Other(#[from] AppError),
}

impl TokenPair {
    /// Begins a token sign-in for a person whose password was right.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the database fails.
    pub async fn begin(
        services: &Services,
        user: &User,
        keep: Keep,
        parts: &Parts,
    ) -> Result<Self, AppError> {
        let key = possession::shown(parts)?;
        let sign_ins = &services.sign_ins;
        let caller = Caller::of(parts);
        let mut sign_in = sign_ins.begin(user, Kind::Token, keep, &caller).await?;
        sign_ins.bind(&mut sign_in, key).await?;
        let refresh_token = sign_ins.first_refresh_token(&sign_in.id).await?;
        Self::of(services, &sign_in, refresh_token)
    }

    /// Spends the refresh token `presented` and gives the next pair (RFC 6749 §6, RFC 9700 §4.14). A client that names its
    /// attempt in `parts` gets the same pair's refresh token for the same name, however late it asks again.
    ///
    /// # Errors
    /// [`RenewalError`], also for a text that was never a refresh token; [`AppError::Malformed`] for a name of an attempt
    /// that could be guessed.
    pub async fn renew(
        services: &Services,
        presented: Option<&str>,
        parts: &Parts,
    ) -> Result<Self, NoPair> {
        let presented = presented.and_then(Secret::parse);
        let token = presented.ok_or(RenewalError::Ended)?;
        let shown = shown(token, parts, services).await?;
        let shown = shown.ok_or(RenewalError::Ended)?;
        let renewal = services.sign_ins.renew(shown).await?;
        let sign_in = &renewal.signed_in.sign_in;
        Ok(Self::of(services, sign_in, renewal.refresh_token)?)
    }

    /// Both halves for a sign-in that stands already.
    pub(super) fn of(
        services: &Services,
        sign_in: &SignIn,
        refresh_token: Secret,
    ) -> Result<Self, AppError> {
        Ok(Self {
            access_token: sign(services, sign_in)?,
            refresh_token,
            keep: sign_in.keep,
            is_bound: sign_in.bound_to.is_some(),
        })
    }
}

fn sign(services: &Services, sign_in: &SignIn) -> Result<AccessToken, AppError> {
    let lifetime = services.settings.lifetimes.access_token;
    let token = access_token::sign(
        sign_in.user_id.as_str(),
        &sign_in.id,
        sign_in.bound_to.as_deref(),
        &services.keys.current(),
        &services.settings,
        services.clock.now(),
    )
    .map_err(|error| internal(&error))?;
    Ok(AccessToken {
        token,
        expires_in: u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX),
    })
}

/// A refresh token as it was shown: by whom, with which key, and under the client's own name for what it is trying. None when
/// it is bound to another key: a copy is worth nothing, and makes no trouble. A browser that lost its key is signed out.
///
/// # Errors
/// [`AppError::Malformed`] for a name that could be guessed; what a proof can be refused with; [`AppError::Unavailable`] when the
/// database fails.
pub(in crate::auth) async fn shown(
    token: Secret,
    parts: &Parts,
    services: &Services,
) -> Result<Option<Shown>, AppError> {
    let attempt = attempt(&parts.headers)?;
    let caller = Caller::of(parts).showing(Factor::RefreshToken);
    if possession::is_copy(parts, services, &token, &caller).await? {
        return Ok(None);
    }
    Ok(Some(Shown {
        proof: token,
        attempt,
        caller,
        held: possession::held(parts, services)?,
    }))
}

/// The client's own names for this renewal.
///
/// # Errors
/// [`AppError::Malformed`] for one that could be guessed.
pub(in crate::auth) fn attempt(headers: &HeaderMap) -> Result<Attempt, AppError> {
    Ok(Attempt {
        name: attempt_name(headers, names::HEADER)?,
        earlier: attempt_name(headers, names::EARLIER_HEADER)?,
    })
}

fn attempt_name(headers: &HeaderMap, header: &str) -> Result<Option<Hashed>, AppError> {
    const LENGTH: RangeInclusive<usize> = 22..=64;
    let Some(name) = headers.get(header) else {
        return Ok(None);
    };
    let name = name.to_str().map_err(|_| AppError::Malformed)?;
    if !LENGTH.contains(&name.len()) {
        return Err(AppError::Malformed);
    }
    Ok(Some(Hashed::of(name)))
}
