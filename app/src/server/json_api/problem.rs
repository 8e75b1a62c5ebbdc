//! Failures as `application/problem+json` (RFC 9457), with the error codes of OAuth in them (RFC 6749 §5.2, RFC 6750 §3.1).

mod kind;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::kind::Kind;
use crate::error::AppError;
use crate::server::answers::{
    CHALLENGE, CHALLENGE_CONFIRMATION, CHALLENGE_INVALID_PROOF, CHALLENGE_INVALID_TOKEN,
    CHALLENGE_NONCE, RETRY_AFTER,
};

pub(super) const CONTENT_TYPE: &str = "application/problem+json";

/// A failure of this kind, in words that say what is wrong with this very request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    kind: Kind,
    detail: &'static str,
    status: StatusCode,
    /// When to try again, if it is not in a few seconds.
    retry_after: Option<u32>,
}

/// A failure, as RFC 9457 writes it. `error` and `error_description` are there where OAuth has a word for it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemDetails {
    /// What kind of failure: a path to its description in this document. Compare this or `error`, never the texts.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// The kind in words; always the same for one `type`.
    title: &'static str,
    /// The HTTP status once more.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request, and what to do.
    detail: &'static str,
    /// This very failure: the answer's `x-request-id`, by which the server's log and its audit trail tell more.
    #[schema(format = "uri", pattern = "^urn:uuid:[0-9a-f-]{36}$")]
    instance: String,
    /// The code of RFC 6749 section 5.2 or RFC 6750 section 3.1, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    /// The same as `detail`; there whenever `error` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error_description: Option<&'static str>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: &'static str) -> Self {
        let status = kind.status();
        Self {
            kind,
            detail,
            status,
            retry_after: None,
        }
    }

    /// As the endpoints for tokens say it: what resources answer with 401 is a bad request there (RFC 9449 §5, §8).
    pub(super) fn of_grant(error: AppError) -> Self {
        let mut problem = Self::from(error);
        if matches!(problem.kind, Kind::InvalidProof | Kind::NonceNeeded) {
            problem.status = StatusCode::BAD_REQUEST;
        }
        problem
    }

    /// `request_id` is what the answer's `x-request-id` says.
    pub(super) fn details(self, request_id: &str) -> ProblemDetails {
        let (kind, error) = (self.kind, self.kind.error());
        ProblemDetails {
            r#type: format!("/api/v1/openapi.json#/components/examples/{}", kind.name()),
            title: kind.title(),
            status: self.status.as_u16(),
            detail: self.detail,
            instance: format!("urn:uuid:{request_id}"),
            error,
            error_description: error.map(|_| self.detail),
        }
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind, kind.detail())
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Email(_) => Self::new(
                Kind::InvalidRequest,
                "username must be an email address of at most 254 characters.",
            ),
            AppError::Password(_) => Self::new(
                Kind::InvalidRequest,
                "password must have at least 1 and at most 1024 bytes.",
            ),
            AppError::UnknownSignIn => Self::new(
                Kind::NotFound,
                "No sign-in of this person has this id. Ask for the list again.",
            ),
            AppError::TooMany { seconds } => Self {
                retry_after: Some(seconds),
                ..Kind::TooManyTries.into()
            },
            AppError::WrongCredentials => Kind::InvalidGrant.into(),
            AppError::SignedOut => Kind::SignedOut.into(),
            AppError::InvalidToken => Kind::InvalidToken.into(),
            AppError::ConfirmationNeeded => Kind::ConfirmationNeeded.into(),
            AppError::InvalidProof => Kind::InvalidProof.into(),
            AppError::NonceNeeded => Kind::NonceNeeded.into(),
            AppError::CrossSite => Kind::CrossSite.into(),
            AppError::NotFound => Kind::NotFound.into(),
            AppError::Overtaken => Kind::Overtaken.into(),
            AppError::OldPage => Self::new(
                Kind::Overtaken,
                "This refresh token was exchanged for a session just now. Use the session.",
            ),
            AppError::Malformed => Kind::InvalidRequest.into(),
            AppError::TooLarge => Kind::TooLarge.into(),
            AppError::UnsupportedMediaType => Kind::UnsupportedMediaType.into(),
            AppError::Busy | AppError::Unavailable => Kind::Unavailable.into(),
            AppError::Internal
            | AppError::EmailTaken
            | AppError::DeadLink
            | AppError::NoMail
            | AppError::WrongPassword
            | AppError::ScriptsNeeded
            | AppError::Offline
            | AppError::StorageBlocked => Kind::ServerError.into(),
        }
    }
}

/// All but the body, which `edge.rs` adds: it knows the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static(CONTENT_TYPE);
        headers.insert(header::CONTENT_TYPE, content_type);
        match self.kind {
            Kind::SignedOut => headers.insert(header::WWW_AUTHENTICATE, CHALLENGE),
            Kind::InvalidToken => headers.insert(header::WWW_AUTHENTICATE, CHALLENGE_INVALID_TOKEN),
            Kind::ConfirmationNeeded => {
                headers.insert(header::WWW_AUTHENTICATE, CHALLENGE_CONFIRMATION)
            }
            Kind::InvalidProof if self.status == StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, CHALLENGE_INVALID_PROOF)
            }
            Kind::NonceNeeded if self.status == StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, CHALLENGE_NONCE)
            }
            Kind::TooManyTries => self
                .retry_after
                .and_then(|seconds| headers.insert(header::RETRY_AFTER, seconds.into())),
            Kind::Unavailable => headers.insert(header::RETRY_AFTER, RETRY_AFTER),
            _ => None,
        };
        response
    }
}
