//! `GET /api/v1/me`: what a person may see of their own account.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::asking::Asking;
use super::document::Asked;
use crate::domain::sign_in::Kind;

/// The account of whoever asks, and the sign-in they ask with.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    #[schema(format = "email", example = "ada@example.com")]
    email: String,
    /// When the account was made (RFC 3339, UTC).
    #[schema(format = "date-time", example = "2026-11-23T08:00:00Z")]
    member_since: String,
    signed_in_with: Proof,
    /// When this sign-in began (RFC 3339, UTC).
    #[schema(format = "date-time", example = "2026-11-23T09:05:00Z")]
    signed_in_since: String,
}

/// How a sign-in is proved: by a browser's session cookie, or by tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Proof {
    Cookie,
    Token,
}

impl From<Kind> for Proof {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Cookie => Self::Cookie,
            Kind::Token => Self::Token,
        }
    }
}

/// Who am I?
///
/// The account that the access token belongs to.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "readMe",
    tag = "Account",
    security(("bearer" = [])),
    responses((status = 200, description = "The account, and the sign-in it was asked with.", body = Me), Asked),
)]
pub(super) async fn me(Asking(asking): Asking) -> Json<Me> {
    Json(Me {
        email: asking.user.email.as_str().to_owned(),
        member_since: asking.user.created_at.in_utc(),
        signed_in_with: asking.sign_in.kind.into(),
        signed_in_since: asking.sign_in.created_at.in_utc(),
    })
}
