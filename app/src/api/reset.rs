//! A new password for whoever forgot theirs, by a link in a mail.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth;
use crate::error::AppError;
use crate::json::Json;

/// The link in a mail, as far as this browser has opened one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkView {
    NotOpened,
    /// It was used, replaced by a later one, or is too old.
    Dead,
    /// It is good, and whose address it is about.
    For(String),
}

/// Takes the `email` to which a link is sent if it has an account; the answer is the same if it has none.
///
/// # Errors
/// `Email` (422), `NoMail` (404), `TooMany` (429).
#[server(endpoint = "ask_for_reset", client = auth::Client, output = Json)]
pub async fn ask_for_reset(#[server(default)] email: String) -> Result<(), AppError> {
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
    accounts.ask_for_reset(&email, from, &caller).await?;
    forget(Purpose::Reset);
    Ok(())
}

/// What the link that was opened here is good for. Looking at it uses nothing up.
///
/// # Errors
/// `Unavailable` (503).
#[server(endpoint = "reset_link", client = auth::Client, output = Json)]
pub async fn reset_link() -> Result<LinkView, AppError> {
    use crate::server::link_cookie::token;
    use crate::server::mail::Purpose;
    use crate::server::services::services;

    let Some(token) = token(Purpose::Reset) else {
        return Ok(LinkView::NotOpened);
    };
    let user = services().accounts.whose_reset(&token).await?;
    let address = user.map(|user| user.email.as_str().to_owned());
    Ok(address.map_or(LinkView::Dead, LinkView::For))
}

/// Takes the new `password` of whoever opened the link, and the `email` it was shown to be about: another link may have been opened
/// since in the same browser. Every sign-in of theirs ends, and none begins (RE-03).
///
/// # Errors
/// `Password` (422) says what to correct, `DeadLink` (410), `Busy` (503). The password is as it was then.
#[server(endpoint = "reset_password", client = auth::Client, output = Json)]
pub async fn reset_password(
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    use crate::domain::password::NewPassword;
    use crate::server::caller::Caller;
    use crate::server::known_device::{guesser, remember};
    use crate::server::link_cookie::{forget, opened_token};
    use crate::server::mail::Purpose;
    use crate::server::services::{parts, services};

    let token = opened_token(Purpose::Reset)?;
    let services = services();
    let password = NewPassword::parse(password, services.settings.least_password_length)?;
    let (guesser, caller) = (guesser(&parts(), &services), Caller::of(&parts()));
    let accounts = &services.accounts;
    let (user, hash) = accounts.choose_anew(&token, &email, &password).await?;
    let reset = services
        .sign_ins
        .reset_password(&token, &user, hash, &caller);
    if !reset.await? {
        return Err(AppError::DeadLink);
    }
    accounts.forget_guesses(&user, &guesser).await;
    forget(Purpose::Reset);
    remember(&user.with_next_password()).await;
    Ok(())
}
