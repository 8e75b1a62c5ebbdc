//! Failures as `application/problem+json` (RFC 9457), with the error codes of OAuth in them (RFC 6749 §5.2, RFC 6750 §3.1).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::AppError;
use crate::server::answers::{CHALLENGE, CHALLENGE_INVALID_TOKEN, RETRY_AFTER};

pub(super) const CONTENT_TYPE: &str = "application/problem+json";

/// A failure of this kind, in words that say what is wrong with this very request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    kind: Kind,
    detail: &'static str,
    /// When to try again, if it is not in a few seconds.
    retry_after: Option<u32>,
}

/// What can go wrong. Each has an example of its name in the OpenAPI document, which `type` points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    InvalidRequest,
    InvalidGrant,
    UnsupportedGrantType,
    InvalidScope,
    SignedOut,
    InvalidToken,
    CrossSite,
    NotFound,
    Overtaken,
    MethodNotAllowed,
    TooLarge,
    UnsupportedMediaType,
    TooManyTries,
    ServerError,
    Unavailable,
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
    /// The code of RFC 6749 section 5.2 or RFC 6750 section 3.1, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    /// The same as `detail`; there whenever `error` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error_description: Option<&'static str>,
}

impl Kind {
    pub(super) const ALL: [Self; 15] = [
        Self::InvalidRequest,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::SignedOut,
        Self::InvalidToken,
        Self::CrossSite,
        Self::NotFound,
        Self::Overtaken,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::TooManyTries,
        Self::ServerError,
        Self::Unavailable,
    ];

    /// The kind's own name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::SignedOut => "signed_out",
            Self::InvalidToken => "invalid_token",
            Self::CrossSite => "cross_site",
            Self::NotFound => "not_found",
            Self::Overtaken => "overtaken",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooManyTries => "too_many_tries",
            Self::ServerError => "server_error",
            Self::Unavailable => "temporarily_unavailable",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::UnsupportedGrantType
            | Self::InvalidScope => StatusCode::BAD_REQUEST,
            Self::SignedOut | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Overtaken => StatusCode::CONFLICT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// OAuth's word for it. Whoever showed no token is told none (RFC 6750 §3.1).
    fn error(self) -> Option<&'static str> {
        match self {
            Self::SignedOut | Self::CrossSite | Self::NotFound | Self::TooManyTries => None,
            Self::MethodNotAllowed | Self::TooLarge | Self::UnsupportedMediaType => {
                Some(Self::InvalidRequest.name())
            }
            _ => Some(self.name()),
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not understood",
            Self::InvalidGrant => "The credentials are not taken",
            Self::UnsupportedGrantType => "This grant type is not offered here",
            Self::InvalidScope => "There are no scopes here",
            Self::SignedOut => "A token is needed",
            Self::InvalidToken => "The access token is not taken",
            Self::CrossSite => "The request came from another site",
            Self::NotFound => "There is nothing here",
            Self::Overtaken => "A newer renewal was quicker",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The content type is not taken",
            Self::TooManyTries => "It was tried too often",
            Self::ServerError => "Something went wrong on our side",
            Self::Unavailable => "The service is not available for the moment",
        }
    }

    /// What is said where nobody knows better. Without quotes and backslashes, as RFC 6749 §5.2 wants it.
    fn detail(self) -> &'static str {
        match self {
            Self::InvalidRequest => {
                "A header or cookie contradicts itself or has a value that it cannot have."
            }
            Self::InvalidGrant => "The address or the password is wrong.",
            Self::UnsupportedGrantType => {
                "Send grant_type=password to /api/v1/token, and grant_type=refresh_token to /api/v1/token/refresh."
            }
            Self::InvalidScope => "Leave scope out: a token may do whatever its owner may.",
            Self::SignedOut => "Send an access token: Authorization: Bearer and the token.",
            Self::InvalidToken => {
                "It has run out, its sign-in has ended, or it was never one. Get another with the refresh token."
            }
            Self::CrossSite => {
                "A browser says that a page of another origin sent this, or does not say where it came from."
            }
            Self::Overtaken => {
                "Use the tokens that the newer renewal gave; without them, ask again under a new Idempotency-Key."
            }
            Self::NotFound => "The document at /api/v1/openapi.json lists what there is.",
            Self::MethodNotAllowed => "The header Allow lists the methods.",
            Self::TooLarge => "Send at most 65536 bytes.",
            Self::UnsupportedMediaType => {
                "Send application/json or application/x-www-form-urlencoded."
            }
            Self::TooManyTries => "Wait; the header Retry-After has the seconds.",
            Self::ServerError => {
                "Try again; if it happens again, tell us the x-request-id of this answer."
            }
            Self::Unavailable => "Try again in a few seconds; the header Retry-After has them.",
        }
    }
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: &'static str) -> Self {
        Self {
            kind,
            detail,
            retry_after: None,
        }
    }

    pub(super) fn details(self) -> ProblemDetails {
        let (kind, error) = (self.kind, self.kind.error());
        ProblemDetails {
            r#type: format!("/api/v1/openapi.json#/components/examples/{}", kind.name()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: self.detail,
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
            | AppError::ScriptsNeeded
            | AppError::Offline
            | AppError::StorageBlocked => Kind::ServerError.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.kind.status(), Json(self.details())).into_response();
        let headers = response.headers_mut();
        let content_type = HeaderValue::from_static(CONTENT_TYPE);
        headers.insert(header::CONTENT_TYPE, content_type);
        match self.kind {
            Kind::SignedOut => headers.insert(header::WWW_AUTHENTICATE, CHALLENGE),
            Kind::InvalidToken => headers.insert(header::WWW_AUTHENTICATE, CHALLENGE_INVALID_TOKEN),
            Kind::TooManyTries => self
                .retry_after
                .and_then(|seconds| headers.insert(header::RETRY_AFTER, seconds.into())),
            Kind::Unavailable => headers.insert(header::RETRY_AFTER, RETRY_AFTER),
            _ => None,
        };
        response
    }
}
