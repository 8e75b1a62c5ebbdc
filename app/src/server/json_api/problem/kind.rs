//! What can go wrong in `/api/v1`, each kind with its name, its status and what is said about it.

use axum::http::StatusCode;

/// What can go wrong. Each has an example of its name in the OpenAPI document, which `type` points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::json_api) enum Kind {
    InvalidRequest,
    InvalidGrant,
    UnsupportedGrantType,
    InvalidScope,
    SignedOut,
    InvalidToken,
    ConfirmationNeeded,
    InvalidProof,
    NonceNeeded,
    CrossSite,
    NotFound,
    Overtaken,
    MethodNotAllowed,
    TooLarge,
    AddressTooLong,
    HeadTooLarge,
    UnsupportedMediaType,
    TooManyTries,
    ServerError,
    Unavailable,
}

/// What is said about a kind. The detail is for where nobody knows better; without quotes and backslashes, as RFC 6749 §5.2
/// wants it.
struct Words(&'static str, StatusCode, &'static str, &'static str);

impl Kind {
    pub(in crate::server::json_api) const ALL: [Self; 20] = [
        Self::InvalidRequest,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::SignedOut,
        Self::InvalidToken,
        Self::ConfirmationNeeded,
        Self::InvalidProof,
        Self::NonceNeeded,
        Self::CrossSite,
        Self::NotFound,
        Self::Overtaken,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::AddressTooLong,
        Self::HeadTooLarge,
        Self::UnsupportedMediaType,
        Self::TooManyTries,
        Self::ServerError,
        Self::Unavailable,
    ];

    /// The kind's own name.
    pub(in crate::server::json_api) fn name(self) -> &'static str {
        self.words().0
    }

    pub(in crate::server::json_api) fn status(self) -> StatusCode {
        self.words().1
    }

    pub(in crate::server::json_api) fn title(self) -> &'static str {
        self.words().2
    }

    pub(super) fn detail(self) -> &'static str {
        self.words().3
    }

    /// OAuth's word for it. Whoever showed no token is told none (RFC 6750 §3.1).
    pub(super) fn error(self) -> Option<&'static str> {
        match self {
            Self::SignedOut | Self::CrossSite | Self::NotFound | Self::TooManyTries => None,
            Self::MethodNotAllowed
            | Self::TooLarge
            | Self::AddressTooLong
            | Self::HeadTooLarge
            | Self::UnsupportedMediaType => Some(Self::InvalidRequest.name()),
            _ => Some(self.name()),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a list: one arm for each kind")]
    fn words(self) -> Words {
        match self {
            Self::InvalidRequest => Words(
                "invalid_request",
                StatusCode::BAD_REQUEST,
                "The request is not understood",
                "A header or cookie contradicts itself or has a value that it cannot have.",
            ),
            Self::InvalidGrant => Words(
                "invalid_grant",
                StatusCode::BAD_REQUEST,
                "The credentials are not taken",
                "The address or the password is wrong.",
            ),
            Self::UnsupportedGrantType => Words(
                "unsupported_grant_type",
                StatusCode::BAD_REQUEST,
                "This grant type is not offered here",
                "Send grant_type=password to /api/v1/token, and grant_type=refresh_token to /api/v1/token/refresh.",
            ),
            Self::InvalidScope => Words(
                "invalid_scope",
                StatusCode::BAD_REQUEST,
                "There are no scopes here",
                "Leave scope out: a token may do whatever its owner may.",
            ),
            Self::SignedOut => Words(
                "signed_out",
                StatusCode::UNAUTHORIZED,
                "A token is needed",
                "Send an access token: Authorization: Bearer and the token.",
            ),
            Self::InvalidToken => Words(
                "invalid_token",
                StatusCode::UNAUTHORIZED,
                "The access token is not taken",
                "It has run out, its sign-in has ended, or it was never one. Get another with the refresh token.",
            ),
            Self::ConfirmationNeeded => Words(
                "insufficient_user_authentication",
                StatusCode::UNAUTHORIZED,
                "The password was given too long ago",
                "Sign in with the password once more, with POST /api/v1/token, and ask again with the new token.",
            ),
            Self::InvalidProof => Words(
                "invalid_dpop_proof",
                StatusCode::UNAUTHORIZED,
                "The proof of the key is not taken",
                "The header DPoP has a signed proof of the key of this token, for this very request, once.",
            ),
            Self::NonceNeeded => Words(
                "use_dpop_nonce",
                StatusCode::UNAUTHORIZED,
                "The proof needs another nonce",
                "Put what the header DPoP-Nonce of this answer has into the proof as nonce.",
            ),
            Self::CrossSite => Words(
                "cross_site",
                StatusCode::FORBIDDEN,
                "The request came from another site",
                "A browser says that a page of another origin sent this, or does not say where it came from.",
            ),
            Self::NotFound => Words(
                "not_found",
                StatusCode::NOT_FOUND,
                "There is nothing here",
                "The document at /api/v1/openapi.json lists what there is.",
            ),
            Self::Overtaken => Words(
                "overtaken",
                StatusCode::CONFLICT,
                "A newer renewal was quicker",
                "Use the tokens that the newer renewal gave; without them, ask again under a new Idempotency-Key.",
            ),
            Self::MethodNotAllowed => Words(
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The method is not allowed here",
                "The header Allow lists the methods.",
            ),
            Self::TooLarge => Words(
                "too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
                "Send at most 65536 bytes.",
            ),
            Self::AddressTooLong => Words(
                "uri_too_long",
                StatusCode::URI_TOO_LONG,
                "The address is too long",
                "Send what is long in the body.",
            ),
            Self::HeadTooLarge => Words(
                "head_too_large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "The headers are too large",
                "Send headers and cookies of at most 65536 bytes together.",
            ),
            Self::UnsupportedMediaType => Words(
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The content type is not taken",
                "Send application/json or application/x-www-form-urlencoded.",
            ),
            Self::TooManyTries => Words(
                "too_many_tries",
                StatusCode::TOO_MANY_REQUESTS,
                "It was tried too often",
                "Wait; the header Retry-After has the seconds.",
            ),
            Self::ServerError => Words(
                "server_error",
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                "Try again; if it happens again, tell us the instance of this problem.",
            ),
            Self::Unavailable => Words(
                "temporarily_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is not available for the moment",
                "Try again in a few seconds; the header Retry-After has them.",
            ),
        }
    }
}
