//! Renews an access token. The refresh token is in a cookie that is sent here and nowhere else.

use leptos::prelude::*;

use crate::auth::{self, jwt::AccessToken};
use crate::error::AppError;
use crate::json::Json;

/// Spends the refresh token and hands out a new access token, with the next refresh token in a cookie.
///
/// # Errors
/// `SignedOut` (401) when the sign-in has ended or the refresh token was used before.
#[server(endpoint = "refresh", client = auth::Client, output = Json)]
pub async fn refresh() -> Result<AccessToken, AppError> {
    auth::jwt::server::renew().await
}
