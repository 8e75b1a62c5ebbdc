//! `AppError` as JSON: one flat object, because every shape that serde has to tell apart is code that each first
//! visitor downloads.

use serde::{Deserialize, Serialize};

use super::AppError;
use crate::domain::email::EmailError;
use crate::domain::password::PasswordError;

#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    error: String,
    /// The length to reach, with `password_too_short`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    least: Option<usize>,
    /// How long to wait, with `too_many`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
}

const CODES: [(AppError, &str); 32] = [
    (AppError::Email(EmailError::Missing), "email_missing"),
    (AppError::Email(EmailError::Malformed), "email_malformed"),
    (AppError::Email(EmailError::TooLong), "email_too_long"),
    (
        AppError::Password(PasswordError::Missing),
        "password_missing",
    ),
    (
        AppError::Password(PasswordError::TooLong),
        "password_too_long",
    ),
    (AppError::Password(PasswordError::Common), "password_common"),
    (
        AppError::Password(PasswordError::Breached),
        "password_breached",
    ),
    (
        AppError::Password(PasswordError::Personal),
        "password_personal",
    ),
    (AppError::EmailTaken, "email_taken"),
    (AppError::WrongCredentials, "wrong_credentials"),
    (AppError::WrongPassword, "wrong_password"),
    (AppError::SignedOut, "signed_out"),
    (AppError::ConfirmationNeeded, "confirmation_needed"),
    (AppError::InvalidToken, "invalid_token"),
    (AppError::DeadLink, "dead_link"),
    (AppError::NoMail, "no_mail"),
    (AppError::UnknownSignIn, "unknown_sign_in"),
    (AppError::Overtaken, "overtaken"),
    (AppError::OldPage, "old_page"),
    (AppError::InvalidProof, "invalid_dpop_proof"),
    (AppError::NonceNeeded, "use_dpop_nonce"),
    (AppError::CrossSite, "cross_site"),
    (AppError::Malformed, "malformed"),
    (AppError::UnsupportedMediaType, "unsupported_media_type"),
    (AppError::ScriptsNeeded, "scripts_needed"),
    (AppError::TooLarge, "too_large"),
    (AppError::NotFound, "not_found"),
    (AppError::Busy, "busy"),
    (AppError::Unavailable, "unavailable"),
    (AppError::Internal, "internal"),
    (AppError::Offline, "offline"),
    (AppError::StorageBlocked, "storage_blocked"),
];
const TOO_SHORT: &str = "password_too_short";
const TOO_MANY: &str = "too_many";

impl From<AppError> for Wire {
    fn from(error: AppError) -> Self {
        if let AppError::Password(PasswordError::TooShort { least }) = error {
            return Self {
                error: TOO_SHORT.to_owned(),
                least: Some(least),
                seconds: None,
            };
        }
        if let AppError::TooMany { seconds } = error {
            return Self {
                error: TOO_MANY.to_owned(),
                least: None,
                seconds: Some(seconds),
            };
        }
        let code = CODES.iter().find(|(listed, _)| *listed == error);
        Self {
            error: code.map_or("internal", |(_, code)| code).to_owned(),
            least: None,
            seconds: None,
        }
    }
}

/// The code is not of this build: the page is older or newer than the server, and should be loaded again.
#[derive(Debug, thiserror::Error)]
#[error("unknown code")]
pub(super) struct UnknownCode;

impl TryFrom<Wire> for AppError {
    type Error = UnknownCode;

    fn try_from(wire: Wire) -> Result<Self, UnknownCode> {
        if let (TOO_SHORT, Some(least)) = (wire.error.as_str(), wire.least) {
            return Ok(Self::Password(PasswordError::TooShort { least }));
        }
        if let (TOO_MANY, Some(seconds)) = (wire.error.as_str(), wire.seconds) {
            return Ok(Self::TooMany { seconds });
        }
        let listed = CODES.iter().find(|(_, code)| *code == wire.error);
        listed.map(|(error, _)| error.clone()).ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use super::{AppError, CODES, PasswordError, Wire};

    #[test]
    fn every_failure_comes_back_from_the_wire_as_it_went() {
        let too_short = AppError::Password(PasswordError::TooShort { least: 12 });
        let listed = CODES.iter().map(|(error, _)| error.clone());

        for error in listed.chain([too_short, AppError::TooMany { seconds: 30 }]) {
            let wire = Wire::from(error.clone());
            assert!(
                wire.error != "internal" || error == AppError::Internal,
                "{error:?} is not listed"
            );
            assert_eq!(AppError::try_from(wire).ok(), Some(error));
        }
    }
}
