//! Renews an access token, or exchanges a proof of the other mode. The refresh token is in a cookie that is sent here and
//! nowhere else.

use leptos::prelude::*;

use crate::auth::{self, Grant, jwt::AccessToken};
use crate::error::AppError;
use crate::json::Json;

/// Spends the refresh token and hands out a new access token, with the next refresh token in a cookie.
///
/// # Errors
/// `SignedOut` (401) when the sign-in has ended or the refresh token was used before; `TooMany` (429).
#[server(endpoint = "refresh", client = auth::Client, output = Json)]
pub async fn refresh() -> Result<AccessToken, AppError> {
    use crate::server::audit::Factor;
    use crate::server::guard::may_renew;
    use crate::server::services::{parts, services};

    may_renew(&services(), &parts(), Factor::RefreshToken).await?;
    auth::jwt::server::renew().await
}

/// Exchanges a proof that the other mode handed out for what a sign-in hands out now. Below the path of the refresh cookie,
/// so that either proof is sent here.
///
/// `sid` is the sign-in that the browser believes the proof to be of, where it can tell. A refresh cookie without it is nobody's:
/// another host of the domain can plant one, but not what is in storage.
///
/// # Errors
/// `SignedOut` (401) when there is no live sign-in behind the proof; it is removed then. `Unavailable` (503) when the database
/// fails: nothing is removed.
#[server(endpoint = "refresh/exchange", client = auth::Client, output = Json)]
pub async fn exchange(#[server(default)] sid: String) -> Result<Grant, AppError> {
    use crate::auth::mode::Mode;
    use crate::server::audit::Factor;
    use crate::server::guard::may_renew;
    use crate::server::services::{parts, services};

    let shows = match auth::MODE {
        Mode::CookieSession => Factor::RefreshToken,
        Mode::Jwt => Factor::Session,
    };
    may_renew(&services(), &parts(), shows).await?;
    auth::exchange(&sid).await
}
