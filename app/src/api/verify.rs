//! Confirms the address of somebody who signed up, by a link in a mail and the password they chose.

use leptos::prelude::*;

use super::reset::LinkView;
use crate::auth::{self, Grant};
use crate::error::AppError;
use crate::json::Json;

/// Takes the `email` of a sign-up, to which the link is sent once more; the answer is the same if there was none.
///
/// # Errors
/// `Email` (422), `NoMail` (404), `TooMany` (429).
#[server(endpoint = "ask_to_confirm", client = auth::Client, output = Json)]
pub async fn ask_to_confirm(#[server(default)] email: String) -> Result<(), AppError> {
    use crate::domain::email::Email;
    use crate::server::caller::Caller;
    use crate::server::client_address::ClientAddress;
    use crate::server::link_cookie::forget;
    use crate::server::mail::Purpose;
    use crate::server::services::{parts, services_with_mail};

    let email = Email::parse(&email)?;
    let services = services_with_mail()?;
    let (from, caller) = (ClientAddress::found_in(&parts()), Caller::of(&parts()));
    let accounts = &services.accounts;
    accounts.ask_to_confirm(&email, from, &caller).await?;
    forget(Purpose::SignUp);
    Ok(())
}

/// What the link that was opened here is good for. Looking at it uses nothing up.
///
/// # Errors
/// `Unavailable` (503).
#[server(endpoint = "address_link", client = auth::Client, output = Json)]
pub async fn address_link() -> Result<LinkView, AppError> {
    use crate::server::link_cookie::token;
    use crate::server::mail::Purpose;
    use crate::server::services::services;

    let Some(token) = token(Purpose::SignUp) else {
        return Ok(LinkView::NotOpened);
    };
    let email = services().accounts.address_to_confirm(&token).await?;
    let address = email.map(|email| email.as_str().to_owned());
    Ok(address.map_or(LinkView::Dead, LinkView::For))
}

/// Takes the `password` that was chosen for the address of the link that was opened, makes the account and signs its owner in.
///
/// # Errors
/// `Password` and `WrongPassword` (422), `DeadLink` (410), `TooMany` (429), `Busy` (503).
#[server(endpoint = "confirm_address", client = auth::Client, output = Json)]
pub async fn confirm_address(
    #[server(default)] password: String,
    #[server(default)] keep: bool,
) -> Result<Grant, AppError> {
    use crate::domain::password::Password;
    use crate::domain::sign_in::Keep;
    use crate::server::caller::Caller;
    use crate::server::known_device::{guesser, remember};
    use crate::server::link_cookie::{forget, opened_token};
    use crate::server::mail::Purpose;
    use crate::server::services::{parts, services};

    let token = opened_token(Purpose::SignUp)?;
    let password = Password::parse(password)?;
    let services = services();
    let (guesser, caller) = (guesser(&parts(), &services), Caller::of(&parts()));
    let accounts = &services.accounts;
    let confirmed = accounts.confirm_sign_up(&token, &password, &guesser, &caller);
    let user = confirmed.await?;
    forget(Purpose::SignUp);
    let grant = auth::grant(&user, Keep::from_choice(keep)).await?;
    remember(&user).await;
    Ok(grant)
}

/// The same for whoever does not know the password that was chosen: takes a new one. Somebody else may have signed up with their
/// address; the link shows whose it is, and nobody but them knows the new password (RE-08).
///
/// # Errors
/// `Password` (422) says what to correct, `DeadLink` (410), `Busy` (503).
#[server(endpoint = "confirm_address_anew", client = auth::Client, output = Json)]
pub async fn confirm_address_anew(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] keep: bool,
) -> Result<Grant, AppError> {
    use crate::domain::password::NewPassword;
    use crate::domain::sign_in::Keep;
    use crate::server::caller::Caller;
    use crate::server::known_device::remember;
    use crate::server::link_cookie::{forget, opened_token};
    use crate::server::mail::Purpose;
    use crate::server::services::{parts, services};

    let token = opened_token(Purpose::SignUp)?;
    let services = services();
    let password = NewPassword::parse(password, services.settings.least_password_length)?;
    let (accounts, caller) = (&services.accounts, Caller::of(&parts()));
    let made = accounts.sign_up_anew(&token, &email, &password, &caller);
    let user = made.await?;
    forget(Purpose::SignUp);
    let grant = auth::grant(&user, Keep::from_choice(keep)).await?;
    remember(&user).await;
    Ok(grant)
}
