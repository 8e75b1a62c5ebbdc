//! Confirms that whoever is signed in is still the one in front of the screen.

use leptos::prelude::*;

use crate::auth;
use crate::error::AppError;
use crate::json::Json;

/// Takes the `password` of whoever asks. For a while they may do then what is for the confirmed alone; a session gets a new id.
///
/// # Errors
/// `Password` and `WrongPassword` (422), also for somebody else's, `SignedOut` (401), `TooMany` (429), `Busy` (503).
#[server(endpoint = "confirm", client = auth::Client, output = Json)]
pub async fn confirm(#[server(default)] password: String) -> Result<(), AppError> {
    use crate::domain::password::Password;
    use crate::server::caller::Caller;
    use crate::server::guard::require_checked_sign_in;
    use crate::server::known_device::guesser;
    use crate::server::services::{parts, services};

    let asking = require_checked_sign_in().await?;
    let password = Password::parse(password)?;
    let services = services();
    let (guesser, caller) = (guesser(&parts(), &services), Caller::of(&parts()));
    let accounts = &services.accounts;
    let confirmed = accounts.confirm(&asking.user, password, &guesser, &caller);
    confirmed.await?;
    auth::confirm(&asking).await
}
