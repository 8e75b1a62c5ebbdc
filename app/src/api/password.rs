//! Changes the password of whoever is signed in.

use leptos::prelude::*;

use crate::auth;
use crate::error::AppError;
use crate::json::Json;

/// Takes the `current` password and the one to be kept in its place. Every other sign-in ends (ASVS 7.4.3), no other browser is a
/// known one, and a session gets a new id.
///
/// # Errors
/// `WrongPassword` (422) for the current one, `Password` (422) says what to correct in the other, `SignedOut` (401), `TooMany`
/// (429), `Busy` (503). The password is as it was then.
#[server(endpoint = "change_password", client = auth::Client, output = Json)]
pub async fn change_password(
    #[server(default)] current: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use crate::domain::password::{NewPassword, Password};
    use crate::server::caller::Caller;
    use crate::server::guard::require_checked_sign_in;
    use crate::server::known_device::{guesser, remember};
    use crate::server::password_policy;
    use crate::server::services::{parts, services};

    let asking = require_checked_sign_in().await?;
    let services = services();
    let current = Password::parse(current).map_err(|_| AppError::WrongPassword)?;
    let new = NewPassword::parse(password, services.settings.least_password_length)?;
    let (guesser, caller) = (guesser(&parts(), &services), Caller::of(&parts()));
    let (accounts, user) = (&services.accounts, &asking.user);
    let choice = password_policy::check(&user.email, &new)?;
    let confirmed = accounts.confirm(user, current, &guesser, &caller);
    let user = confirmed.await?;
    let hash = accounts.choose(choice).await?;
    auth::change_password(&user, hash, &asking).await?;
    remember(&user.with_next_password()).await;
    Ok(())
}
