//! `AppError`: every failure that crosses the wire. Typed, with its own status, and nothing internal in it.

mod wire;

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use self::wire::Wire;
use crate::domain::email::EmailError;
use crate::domain::password::PasswordError;
use crate::json::JsonText;

/// What a server function answers when it cannot do what was asked. Its text is what the user reads; on the wire it is
/// its code, e.g. `{"error":"password_too_short","least":12}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum AppError {
    #[error(transparent)]
    Email(#[from] EmailError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("There is already an account with this email address. Sign in instead.")]
    EmailTaken,
    #[error("The email address or the password is wrong. Check both and try again.")]
    WrongCredentials,
    #[error("This is not your password. Try again.")]
    WrongPassword,
    #[error("Too many tries. Wait {} and try again.", in_words(*.seconds))]
    TooMany { seconds: u32 },
    #[error("Sign in to go on.")]
    SignedOut,
    #[error("Your sign-in has ended. Sign in again.")]
    InvalidToken,
    #[error("Confirm that it is you to go on.")]
    ConfirmationNeeded,
    #[error("This link does not work any more. Ask for another.")]
    DeadLink,
    #[error("This site sends no mail. Ask whoever runs it to set a new password for you.")]
    NoMail,
    #[error("This sign-in is not on your list. Reload the page to see it as it is now.")]
    UnknownSignIn,
    #[error("Another page renewed your sign-in at the same time. Try again.")]
    Overtaken,
    #[error("This page is older than your sign-in. Reload it to go on.")]
    OldPage,
    #[error("This browser could not show that the sign-in belongs to it. Sign in again.")]
    InvalidProof,
    #[error("This page was open for a while. Try again.")]
    NonceNeeded,
    #[error("This request came from another site and was refused.")]
    CrossSite,
    #[error("This request could not be understood. Reload the page and try again.")]
    Malformed,
    #[error("This form was sent in a format that is not accepted here.")]
    UnsupportedMediaType,
    #[error(
        "This form needs JavaScript, or was sent before the page was ready. Reload the page and try again."
    )]
    ScriptsNeeded,
    #[error("This is too much to send at once. Shorten it and try again.")]
    TooLarge,
    #[error("There is nothing at this address.")]
    NotFound,
    #[error("Many people are signing in right now. Try again in a few seconds.")]
    Busy,
    #[error("The service is not available for the moment. Try again in a few seconds.")]
    Unavailable,
    #[error(
        "Something went wrong on our side. Try again; if it happens again, tell us the reference."
    )]
    Internal,
    #[error("The server could not be reached. Check your connection and try again.")]
    Offline,
    #[error(
        "Your browser does not let this site use its storage, so it cannot keep you signed in. \
         Allow storage for this site and try again."
    )]
    StorageBlocked,
}

impl AppError {
    /// The HTTP status (RFC 9110) that goes with this failure.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::WrongCredentials
            | Self::SignedOut
            | Self::InvalidToken
            | Self::ConfirmationNeeded
            | Self::InvalidProof
            | Self::NonceNeeded => 401,
            Self::CrossSite => 403,
            Self::NotFound | Self::UnknownSignIn | Self::NoMail => 404,
            Self::EmailTaken | Self::Overtaken | Self::OldPage => 409,
            Self::DeadLink => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Email(_) | Self::Password(_) | Self::WrongPassword | Self::ScriptsNeeded => 422,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Busy | Self::Unavailable | Self::Offline | Self::StorageBlocked => 503,
        }
    }

    /// The sentence to show beside the email field, if this failure is about it.
    pub fn about_email(&self) -> Option<String> {
        matches!(self, Self::Email(_) | Self::EmailTaken).then(|| self.to_string())
    }

    /// The sentence to show beside the password field, if this failure is about it.
    pub fn about_password(&self) -> Option<String> {
        self.about_current_password()
            .or_else(|| self.about_new_password())
    }

    /// The same where two passwords are asked for: about the one that somebody has …
    pub fn about_current_password(&self) -> Option<String> {
        matches!(self, Self::WrongPassword).then(|| self.to_string())
    }

    /// … and about the one they choose.
    pub fn about_new_password(&self) -> Option<String> {
        matches!(self, Self::Password(_)).then(|| self.to_string())
    }

    /// The sentence to show above the form, if no field is to blame.
    pub fn about_no_field(&self) -> Option<String> {
        let is_about_field = self.about_email().is_some() || self.about_password().is_some();
        (!is_about_field).then(|| self.to_string())
    }
}

/// Nobody counts four thousand seconds.
fn in_words(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// The framework's own failures. Their texts name fields, types and parser positions, so none is passed on (T20).
impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::Malformed,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Response(_) => Self::Internal,
        }
    }
}

/// A form that was sent without scripts and refused: which one, and why. Only this catalogue of reasons can be
/// shown, so that nobody can put words of their own into the page (SF-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFailure {
    /// The path of the server function, e.g. `/api/sign_in`.
    pub endpoint: String,
    pub error: AppError,
    /// The id of the request that was refused.
    pub reference: String,
}
