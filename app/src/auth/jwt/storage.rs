//! The access token in localStorage. Storage may be blocked, full, or hold what somebody typed into it.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::window;
use leptos::server::codee::Encoder;
use serde::{Deserialize, Serialize};

use super::{AccessToken, attempt};
use crate::auth::transport::without_call;
use crate::error::AppError;
use crate::json::{JsonText, read};

/// The key of the token, the only one that other tabs have to follow.
pub(in crate::auth) const KEY: &str = "twofold.access_token";

/// A token is renewed this long before it runs out, so that it does not run out on its way.
const RENEW_BEFORE_MS: u64 = 30_000;

/// More is not worth sending: the server takes no longer token either.
const LONGEST: usize = 1024;

/// What storage holds.
pub(super) enum Look {
    Nothing,
    Token {
        token: String,
        is_fresh: bool,
    },
    /// Something that this app did not write.
    Garbage,
    /// The browser does not let this site use its storage.
    Blocked,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    token: String,
    /// In milliseconds of this browser's clock.
    expires_at: u64,
}

pub(super) fn look() -> Look {
    if !is_usable() {
        return Look::Blocked;
    }
    let Some(text) = text_of(KEY) else {
        return Look::Nothing;
    };
    match read::<Kept>(text.as_bytes()) {
        Ok(kept) if is_token(&kept.token) => Look::Token {
            is_fresh: now() + RENEW_BEFORE_MS < kept.expires_at,
            token: kept.token,
        },
        Ok(_) | Err(_) => Look::Garbage,
    }
}

/// A token that is good, and not the one that was `refused`.
pub(super) fn fresh_token(refused: Option<&str>) -> Option<String> {
    match look() {
        Look::Token { token, is_fresh } if is_fresh => Some(token),
        _ => None,
    }
    .filter(|token| Some(token.as_str()) != refused)
}

/// # Errors
/// [`AppError::StorageBlocked`] when storage is blocked or full.
pub(super) fn keep(access_token: &AccessToken) -> Result<(), AppError> {
    if !is_usable() {
        return Err(without_call(AppError::StorageBlocked));
    }
    let kept = Kept {
        token: access_token.token.clone(),
        expires_at: now() + u64::from(access_token.expires_in) * 1000,
    };
    let text = JsonText::encode(&kept).map_err(|_| without_call(AppError::Internal))?;
    LocalStorage::raw()
        .set_item(KEY, &text)
        .map_err(|_| without_call(AppError::StorageBlocked))?;
    Ok(())
}

/// The sign-in that the token is of, for whoever has no use for the token itself.
pub(in crate::auth) fn sign_in_id() -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        sid: String,
    }
    let kept: Kept = read(text_of(KEY)?.as_bytes()).ok()?;
    let claims = kept.token.split('.').nth(1)?;
    let claims = claims.replace('-', "+").replace('_', "/");
    let claims = window().atob(&claims).ok()?;
    read::<Named>(claims.as_bytes()).ok().map(|named| named.sid)
}

/// Puts `text` where the token was; whatever was under way is over.
pub(in crate::auth) fn mark(text: &str) {
    if is_usable() {
        let _ = LocalStorage::raw().set_item(KEY, text);
        attempt::end();
    }
}

pub(in crate::auth) fn forget() {
    if is_usable() {
        LocalStorage::delete(KEY);
        attempt::end();
    }
}

/// Only what a token is made of can go into a header; anything else makes the browser throw.
fn is_token(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(is_part)
}

/// Merely asking for a blocked storage throws, and gloo-storage would pass that on as a panic.
pub(super) fn is_usable() -> bool {
    matches!(window().local_storage(), Ok(Some(_)))
}

/// Read and written as texts: gloo-storage's own encoding would bring serde_json with it (see `crate::json`).
pub(in crate::auth) fn text_of(key: &str) -> Option<String> {
    if !is_usable() {
        return None;
    }
    LocalStorage::raw().get_item(key).ok()?
}

/// In milliseconds of this browser's clock.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no clock shows a time before 1970, and a year has few enough milliseconds"
)]
pub(in crate::auth) fn now() -> u64 {
    js_sys::Date::now() as u64
}
