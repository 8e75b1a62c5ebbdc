//! Proves an address with its password (article: step 1 and 2 of both flows).

use leptos::prelude::*;

use crate::auth::{self, Grant};
use crate::error::AppError;
use crate::json::Json;

/// Takes `email`, `password` and whether to `keep` the person signed in; missing fields count as empty.
///
/// # Errors
/// `WrongCredentials` (401) for an unknown address as for a wrong password, `Email` and `Password` (422) for fields that
/// cannot be either, `TooMany` (429) after too many wrong tries, `Busy` (503) when too many sign in at once.
#[server(endpoint = "sign_in", client = auth::Client, output = Json)]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] keep: bool,
) -> Result<Grant, AppError> {
    use crate::domain::email::Email;
    use crate::domain::password::Password;
    use crate::domain::sign_in::Keep;
    use crate::server::accounts::Credentials;
    use crate::server::caller::Caller;
    use crate::server::known_device::{guesser, remember};
    use crate::server::services::{parts, services};

    let email = Email::parse(&email)?;
    let password = Password::parse(password)?;
    let credentials = Credentials { email, password };
    let services = services();
    let (guesser, caller) = (guesser(&parts(), &services), Caller::of(&parts()));
    let accounts = &services.accounts;
    let user = accounts.authenticate(&credentials, &guesser, &caller);
    let user = user.await?;
    let grant = auth::grant(&user, Keep::from_choice(keep)).await?;
    remember(&user).await;
    Ok(grant)
}
