//! What happened around a person's account, for them to see whether it was them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth;
use crate::error::AppError;
use crate::json::Json;

/// One event, all of it text to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// In words, e.g. `Wrong password`.
    pub what: String,
    /// To the second, e.g. `23 November 2026, 09:05:30 UTC`.
    pub when: String,
    /// Browser and system in words, e.g. `Firefox on Linux`; what the browser says of itself.
    pub device: String,
    /// Empty if the server could not tell.
    pub address: String,
    pub is_refused: bool,
}

/// The latest events of whoever asks, the newest first.
///
/// # Errors
/// `SignedOut` (401) when nobody is signed in.
#[server(endpoint = "events", client = auth::Client, output = Json)]
pub async fn events() -> Result<Vec<EventView>, AppError> {
    use crate::server::guard::require_user;
    use crate::server::services::services;
    use crate::server::user_agent::in_words;

    let user = require_user().await?;
    let latest = services().audit.latest_of(&user).await?;
    Ok(latest
        .into_iter()
        .map(|event| EventView {
            what: event.in_words().to_owned(),
            is_refused: event.is_refused(),
            when: event.happened_at.to_the_second(),
            device: in_words(&event.user_agent),
            address: event.address,
        })
        .collect())
}
