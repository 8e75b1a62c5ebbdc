//! `/api/v1/sign-ins`: where a person is signed in, and how they end it from elsewhere. The facts are those of the devices
//! page.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::Proof;
use super::asking::Asking;
use super::document::{Asked, Changing, Confirmed};
use super::problem::Problem;
use crate::error::AppError;
use crate::server::caller::Caller;
use crate::server::services::Services;
use crate::server::user_agent::in_words;

/// One live sign-in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignIn {
    /// Ends it, and is worth nothing else.
    #[schema(pattern = "^[A-Za-z0-9_-]{22}$")]
    id: String,
    /// The client in words, after what it says of itself.
    #[schema(example = "Firefox on Linux")]
    device: String,
    kind: Proof,
    /// The network address it was begun from; empty if the server could not tell.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// When it began (RFC 3339, UTC).
    #[schema(format = "date-time", example = "2026-11-23T08:00:00Z")]
    since: String,
    /// When it was seen last (RFC 3339, UTC); up to a minute behind.
    #[schema(format = "date-time", example = "2026-11-23T09:05:00Z")]
    last_seen: String,
    /// Whether it is the one that asks.
    is_this_device: bool,
}

/// List the sign-ins
///
/// Every live sign-in of the person, browsers and programs alike: the one that asks first, then the one seen last.
#[utoipa::path(
    get,
    path = "/api/v1/sign-ins",
    operation_id = "listSignIns",
    tag = "Sign-ins",
    security(("bearer" = [])),
    responses((status = 200, description = "All of them; there is at least the one that asks.", body = Vec<SignIn>), Asked),
)]
pub(super) async fn list(
    State(services): State<Services>,
    Asking(asking): Asking,
) -> Result<Json<Vec<SignIn>>, Problem> {
    let live = services.sign_ins.live_of(&asking).await;
    let list = live.map_err(AppError::from)?.into_iter();
    let list = list.map(|sign_in| SignIn {
        is_this_device: sign_in.id == asking.sign_in.id,
        id: sign_in.id.as_str().to_owned(),
        device: in_words(&sign_in.user_agent),
        kind: sign_in.kind.into(),
        address: sign_in.address,
        since: sign_in.created_at.in_utc(),
        last_seen: sign_in.last_seen_at.in_utc(),
    });
    Ok(Json(list.collect()))
}

/// End all other sign-ins
///
/// Ends every sign-in of the person but the one that asks, which `DELETE /api/v1/token` ends. So nobody loses by mistake
/// the sign-in that shows whether it worked.
///
/// The password must have been given within the last ten minutes, unless the server is set differently: sign in with it once
/// more if that is refused (RFC 9470).
#[utoipa::path(
    delete,
    path = "/api/v1/sign-ins",
    operation_id = "endOtherSignIns",
    tag = "Sign-ins",
    security(("bearer" = [])),
    responses((status = 204, description = "The others have ended."), Confirmed),
)]
pub(super) async fn end_others(
    State(services): State<Services>,
    Asking(asking): Asking,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let ended = services.sign_ins.end_others(&asking, &caller).await;
    ended.map_err(AppError::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one sign-in
///
/// Ends it, whichever way it is proved; also the one that asks. Every node refuses it within a second. Twice is fine. An id
/// of somebody else is answered like one that never was.
///
/// The password must have been given not long ago, as for ending all others.
#[utoipa::path(
    delete,
    path = "/api/v1/sign-ins/{id}",
    operation_id = "endSignIn",
    tag = "Sign-ins",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The `id` of one on the list.", pattern = "^[A-Za-z0-9_-]{22}$")),
    responses((status = 204, description = "It has ended."), Changing),
)]
pub(super) async fn end_one(
    State(services): State<Services>,
    Asking(asking): Asking,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = id.map_err(|_| AppError::UnknownSignIn)?;
    let ended = services.sign_ins.end_picked(&asking.user, &id, &caller);
    ended.await.map_err(AppError::from)?;
    Ok(StatusCode::NO_CONTENT)
}
