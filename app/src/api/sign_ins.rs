//! Where a person is signed in, and how they end it from elsewhere.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth;
use crate::domain::sign_in::Kind;
use crate::error::AppError;
use crate::json::Json;

/// One row of the list. All of it is text to read but for the id, which ends the row and is worth nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInView {
    pub id: String,
    /// Browser and system in words, e.g. `Firefox on Linux`; what the browser says of itself.
    pub device: String,
    pub kind: Kind,
    /// Where it was begun from; empty if the server could not tell.
    pub address: String,
    /// To the minute, e.g. `23 November 2026, 09:05 UTC`; so is `last_seen`, which is a minute behind at most.
    pub since: String,
    pub last_seen: String,
    /// Whether it is the one that asks.
    pub is_this_device: bool,
}

/// Every live sign-in of whoever asks: their own first, then the one seen last.
///
/// # Errors
/// `SignedOut` (401) when nobody is signed in.
#[server(endpoint = "sign_ins", client = auth::Client, output = Json)]
pub async fn sign_ins() -> Result<Vec<SignInView>, AppError> {
    use crate::server::guard::require_sign_in;
    use crate::server::services::services;
    use crate::server::user_agent::in_words;

    let asking = require_sign_in().await?;
    let live = services().sign_ins.live_of(&asking).await?;
    Ok(live
        .into_iter()
        .map(|sign_in| SignInView {
            is_this_device: sign_in.id == asking.sign_in.id,
            id: sign_in.id.as_str().to_owned(),
            device: in_words(&sign_in.user_agent),
            kind: sign_in.kind,
            address: sign_in.address,
            since: sign_in.created_at.to_the_minute(),
            last_seen: sign_in.last_seen_at.to_the_minute(),
        })
        .collect())
}

/// Ends the sign-in with this `id`; the one that asks as well, which is a sign-out. Twice is fine.
///
/// # Errors
/// `UnknownSignIn` (404) for an id that is not one of theirs, `SignedOut` and `ConfirmationNeeded` (401).
#[server(endpoint = "end_sign_in", client = auth::Client, output = Json)]
pub async fn end_sign_in(#[server(default)] id: String) -> Result<(), AppError> {
    use crate::server::caller::Caller;
    use crate::server::cookies::remove_proofs;
    use crate::server::guard::require_confirmed_sign_in;
    use crate::server::services::{parts, services};

    let (asking, services) = (require_confirmed_sign_in().await?, services());
    let caller = Caller::of(&parts());
    let ended = services.sign_ins.end_picked(&asking.user, &id, &caller);
    let ended = ended.await?;
    if ended == asking.sign_in.id {
        remove_proofs(services.settings.cookies);
    }
    Ok(())
}

/// Ends every sign-in of whoever asks but the one they ask with.
///
/// # Errors
/// `SignedOut` and `ConfirmationNeeded` (401), `Unavailable` (503): none has ended then.
#[server(endpoint = "end_other_sign_ins", client = auth::Client, output = Json)]
pub async fn end_other_sign_ins() -> Result<(), AppError> {
    use crate::server::caller::Caller;
    use crate::server::guard::require_confirmed_sign_in;
    use crate::server::services::{parts, services};

    let asking = require_confirmed_sign_in().await?;
    let caller = Caller::of(&parts());
    Ok(services().sign_ins.end_others(&asking, &caller).await?)
}

/// Ends every sign-in of whoever asks, also this one (SE-09).
///
/// # Errors
/// `SignedOut` and `ConfirmationNeeded` (401), `Unavailable` (503): none has ended then.
#[server(endpoint = "end_all_sign_ins", client = auth::Client, output = Json)]
pub async fn end_all_sign_ins() -> Result<(), AppError> {
    use crate::server::caller::Caller;
    use crate::server::cookies::remove_proofs;
    use crate::server::guard::require_confirmed_sign_in;
    use crate::server::services::{parts, services};

    let (asking, services) = (require_confirmed_sign_in().await?, services());
    let caller = Caller::of(&parts());
    services.sign_ins.end_all(&asking.user, &caller).await?;
    remove_proofs(services.settings.cookies);
    Ok(())
}
