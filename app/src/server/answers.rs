//! Failures as HTTP answers, and the one place where an unexpected one is logged with its causes.

use std::error::Error;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accounts::{
    AuthenticateError, ChoiceError, ConfirmError, ConfirmSignUpError, ResetError, SignUpError,
};
use super::causes::causes;
use super::password_hash::HashError;
use super::sign_ins::{self, BeginError, EndError};
use super::store::StoreError;
use super::throttle::Throttled;
use crate::error::AppError;

/// How to authenticate, to whom showed no proof (RFC 6750 §3): without a word on what is wrong.
pub const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"Bearer realm="twofold""#);
/// The same to whom showed a token that is not taken.
pub const CHALLENGE_INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="twofold", error="invalid_token""#);
/// The same to whom gave their password too long ago (RFC 9470 §3); `access` adds how recent it has to be.
pub const CHALLENGE_CONFIRMATION: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="twofold", error="insufficient_user_authentication""#);
/// The same to whom did not prove to have the token's key (RFC 9449 §7.1)…
pub const CHALLENGE_INVALID_PROOF: HeaderValue = HeaderValue::from_static(
    r#"DPoP realm="twofold", error="invalid_dpop_proof", algs="ES256 EdDSA""#,
);
/// …or did it too long ago (RFC 9449 §9).
pub const CHALLENGE_NONCE: HeaderValue =
    HeaderValue::from_static(r#"DPoP realm="twofold", error="use_dpop_nonce", algs="ES256 EdDSA""#);
/// When to try again what is not available now, in seconds (RFC 9110 §10.2.3).
pub const RETRY_AFTER: HeaderValue = HeaderValue::from_static("3");

impl AppError {
    /// Writes the line for whoever is told the reference of a refusal: one, wherever the refusal is first known.
    #[must_use]
    pub fn logged(self) -> Self {
        tracing::info!(reason = ?self, "refused");
        self
    }

    /// The answer to a refusal that is logged already.
    pub fn answer(self) -> Response {
        let mut response = (self.status_code(), Json(&self)).into_response();
        self.add_headers(response.headers_mut());
        // For whoever has to say the same in another format.
        response.extensions_mut().insert(self);
        response
    }

    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// When to try again, in seconds, if that may help (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<HeaderValue> {
        match self {
            Self::TooMany { seconds } => Some(HeaderValue::from(*seconds)),
            _ => (self.status() == 503).then_some(RETRY_AFTER),
        }
    }

    /// The headers that go with the status: how to authenticate (RFC 6750 §3), when to try again (RFC 9110 §10.2.3).
    pub fn add_headers(&self, headers: &mut HeaderMap) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == 401 {
            let challenge = match self {
                Self::InvalidToken => CHALLENGE_INVALID_TOKEN,
                Self::ConfirmationNeeded => CHALLENGE_CONFIRMATION,
                Self::InvalidProof => CHALLENGE_INVALID_PROOF,
                Self::NonceNeeded => CHALLENGE_NONCE,
                _ => CHALLENGE,
            };
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(retry_after) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, retry_after);
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        self.logged().answer()
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        log(&error);
        match error {
            StoreError::Unavailable(_) => Self::Unavailable,
            StoreError::Unexpected(_) => Self::Internal,
        }
    }
}

impl From<HashError> for AppError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Malformed | HashError::UnknownPepper | HashError::Interrupted => {
                internal(&error)
            }
        }
    }
}

impl From<Throttled> for AppError {
    fn from(error: Throttled) -> Self {
        match error {
            // A second more than the rest of one, so that whoever waits as told is not refused again.
            Throttled::Wait { wait, .. } => Self::TooMany {
                seconds: u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX),
            },
            Throttled::Store(error) => error.into(),
        }
    }
}

impl From<ChoiceError> for AppError {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::Password(error) => error.into(),
            ChoiceError::Hash(error) => error.into(),
        }
    }
}

impl From<SignUpError> for AppError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::Choice(error) => error.into(),
            SignUpError::EmailTaken(_) => Self::EmailTaken,
            SignUpError::Throttled(error) => error.into(),
            SignUpError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmSignUpError> for AppError {
    fn from(error: ConfirmSignUpError) -> Self {
        match error {
            ConfirmSignUpError::DeadLink => Self::DeadLink,
            ConfirmSignUpError::Password(error) => ConfirmError(error).into(),
        }
    }
}

impl From<ResetError> for AppError {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::DeadLink => Self::DeadLink,
            ResetError::Choice(error) => error.into(),
            ResetError::Store(error) => error.into(),
        }
    }
}

impl From<AuthenticateError> for AppError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Refused => Self::WrongCredentials,
            AuthenticateError::Throttled(error) => error.into(),
            AuthenticateError::Hash(error) => error.into(),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmError> for AppError {
    fn from(error: ConfirmError) -> Self {
        match error.0 {
            AuthenticateError::Refused => Self::WrongPassword,
            error => error.into(),
        }
    }
}

impl From<sign_ins::ConfirmError> for AppError {
    fn from(error: sign_ins::ConfirmError) -> Self {
        match error {
            sign_ins::ConfirmError::Ended => Self::SignedOut,
            sign_ins::ConfirmError::Store(error) => error.into(),
        }
    }
}

impl From<BeginError> for AppError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Outdated => Self::WrongCredentials,
            BeginError::Store(error) => error.into(),
        }
    }
}

impl From<EndError> for AppError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Unknown => Self::UnknownSignIn,
            EndError::Store(error) => error.into(),
        }
    }
}

/// Logs what nobody expected; the user only learns that it happened.
pub fn internal(error: &dyn Error) -> AppError {
    log(error);
    AppError::Internal
}

fn log(error: &dyn Error) {
    tracing::error!(causes = ?causes(error), "a request failed");
}
