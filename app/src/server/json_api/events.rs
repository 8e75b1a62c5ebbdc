//! `/api/v1/events`: what happened around a person's account. The facts are those of the security page, in codes.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::asking::Asking;
use super::document::Asked;
use super::problem::Problem;
use crate::error::AppError;
use crate::server::services::Services;
use crate::server::user_agent::in_words;

/// Something that happened, or was refused.
#[derive(Serialize, ToSchema)]
pub(super) struct Event {
    /// What it was; new codes may come.
    #[schema(example = "sign_in_refused")]
    #[serde(rename = "event")]
    code: String,
    #[schema(pattern = "^(done|refused)$", example = "refused")]
    outcome: String,
    /// Why it was refused, or what brought it about, where the event does not say it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "wrong_password")]
    reason: Option<String>,
    /// What was shown as a proof.
    #[schema(example = "password")]
    factor: String,
    /// The same in words.
    #[schema(example = "Wrong password")]
    description: &'static str,
    /// When (RFC 3339, UTC).
    #[schema(format = "date-time", example = "2026-11-23T09:05:30Z")]
    at: String,
    /// The client in words, after what it says of itself.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// The network address it came from; empty if the server could not tell.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// The `id` of the sign-in that it is about, if it is about one, which need not be live any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^[A-Za-z0-9_-]{22}$")]
    sign_in: Option<String>,
    /// The `x-request-id` of the answer, by which the log tells more; empty for what no request brought about.
    #[schema(example = "018f7c1e-5a3b-4c2d-9e8f-0a1b2c3d4e5f")]
    request_id: String,
}

/// List the latest events
///
/// What happened around the account lately, the newest first: at most 50. Neither renewals nor sign-ins that ran out are
/// events.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "listEvents",
    tag = "Events",
    security(("bearer" = [])),
    responses((status = 200, description = "The latest events of the person.", body = Vec<Event>), Asked),
)]
pub(super) async fn list(
    State(services): State<Services>,
    Asking(asking): Asking,
) -> Result<Json<Vec<Event>>, Problem> {
    let latest = services.audit.latest_of(&asking.user).await;
    let latest = latest.map_err(AppError::from)?.into_iter();
    let list = latest.map(|event| Event {
        description: event.in_words(),
        code: event.code,
        outcome: event.outcome,
        reason: event.reason,
        factor: event.factor,
        at: event.happened_at.in_utc(),
        device: in_words(&event.user_agent),
        address: event.address,
        sign_in: event.sign_in_id.map(|id| id.as_str().to_owned()),
        request_id: event.request_id,
    });
    Ok(Json(list.collect()))
}
