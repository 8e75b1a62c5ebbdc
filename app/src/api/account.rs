//! What a person may see of their own account.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::auth;
use crate::domain::sign_in::Kind;
use crate::error::AppError;
use crate::json::Json;

/// The account page's content, made for this page and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub email: String,
    /// A day in words, e.g. `23 November 2026` (UTC).
    pub member_since: String,
    pub signed_in_with: Kind,
    pub signed_in_since: String,
}

/// The account of whoever asks.
///
/// # Errors
/// `SignedOut` (401) when nobody is signed in.
#[server(endpoint = "account", client = auth::Client, output = Json)]
pub async fn account() -> Result<AccountView, AppError> {
    use crate::server::guard::require_sign_in;

    let signed_in = require_sign_in().await?;
    Ok(AccountView {
        email: signed_in.user.email.as_str().to_owned(),
        member_since: signed_in.user.created_at.in_words(),
        signed_in_with: signed_in.sign_in.kind,
        signed_in_since: signed_in.sign_in.created_at.in_words(),
    })
}
