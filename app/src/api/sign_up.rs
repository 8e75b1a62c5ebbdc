//! Makes an account and signs its owner in, or has the address confirmed first.

use leptos::prelude::*;

use crate::auth::{self, Grant};
use crate::error::AppError;
use crate::json::Json;

/// Takes `email` and `password`; missing fields count as empty. Without a grant, the address has to be confirmed by the mail that is on its
/// way to it; whether it has an account already is not told then (EN-03).
///
/// # Errors
/// `Email` and `Password` (422) say what to correct, `EmailTaken` (409) only where addresses are
/// not confirmed, `TooMany` (429), `Busy` (503).
#[server(endpoint = "sign_up", client = auth::Client, output = Json)]
pub async fn sign_up(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] keep: bool,
) -> Result<Option<Grant>, AppError> {
    use crate::domain::email::Email;
    use crate::domain::password::NewPassword;
    use crate::domain::sign_in::Keep;
    use crate::server::caller::Caller;
    use crate::server::client_address::ClientAddress;
    use crate::server::known_device::remember;
    use crate::server::link_cookie::forget;
    use crate::server::mail::Purpose;
    use crate::server::services::{parts, services};

    let services = services();
    let email = Email::parse(&email)?;
    let password = NewPassword::parse(password, services.settings.least_password_length)?;
    let (from, caller) = (ClientAddress::found_in(&parts()), Caller::of(&parts()));
    let accounts = &services.accounts;
    if services.settings.confirms_addresses {
        let asked = accounts.ask_to_sign_up(&email, &password, from, &caller);
        asked.await?;
        forget(Purpose::SignUp);
        return Ok(None);
    }
    let user = accounts.sign_up(email, &password, from, &caller).await?;
    let grant = auth::grant(&user, Keep::from_choice(keep)).await?;
    remember(&user).await;
    Ok(Some(grant))
}
