//! The browser's name for a renewal or an exchange: the same for all its tabs, and for whoever has to ask again because an
//! answer was lost. It is in storage only until there is an answer. Nobody else knows it, and so the server can tell a
//! browser that comes again from somebody who has a copy of its cookie.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::window;
use leptos::server_fn::ServerFn;
use leptos::server_fn::request::browser::BrowserRequest;

use super::storage::{Look, is_usable, look, text_of};
use crate::api::refresh::{Exchange, Refresh};
use crate::error::AppError;

/// The client's name for what it is trying: whoever asks again by the same name lost the answer, and is no thief.
pub(in crate::auth) const HEADER: &str = "Idempotency-Key";

/// The name before it, which the server turned away as overtaken.
pub(in crate::auth) const EARLIER_HEADER: &str = "Earlier-Idempotency-Key";

/// Holds the name and, after a space, the one before it.
const KEY: &str = "twofold.renewal";

/// 128 random bits in hexadecimal digits: nobody guesses them.
const LENGTH: usize = 32;

/// Names the attempt, if `request` is one: a renewal or an exchange, which prove themselves by a cookie. Says whether it is.
pub(in crate::auth) fn name(request: &BrowserRequest) -> bool {
    let url = request.url();
    let is_attempt = url.ends_with(Refresh::PATH) || url.ends_with(Exchange::PATH);
    if is_attempt && let Some(name) = current() {
        let headers = request.headers();
        headers.set(HEADER, &name);
        if let Some(earlier) = names().and_then(|(_, earlier)| earlier) {
            headers.set(EARLIER_HEADER, &earlier);
        }
    }
    is_attempt
}

/// Asks, and once more under another name if the request was overtaken: where the newer answer went to this browser, it has
/// the newer cookie by now; where it went to somebody with a copy, that is found out.
///
/// # Errors
/// Those of `ask`.
pub(in crate::auth) async fn attempted<T>(
    ask: impl AsyncFn() -> Result<T, AppError>,
) -> Result<T, AppError> {
    let mut name = current();
    let mut answer = ask().await;
    if matches!(answer, Err(AppError::Overtaken)) {
        rename(name);
        name = current();
        answer = ask().await;
    }
    // Another tab may have begun the next attempt meanwhile, whose answer is still on its way.
    let is_refused = matches!(answer, Err(AppError::SignedOut));
    let is_over = answer.is_ok() || is_refused && matches!(look(), Look::Nothing);
    if is_over && names().map(|(name, _)| name) == name {
        end();
    }
    answer
}

/// The next attempt is another one.
pub(super) fn end() {
    if is_usable() {
        LocalStorage::delete(KEY);
    }
}

/// The name of the attempt that is under way, or of the one that begins now. Nothing where it cannot be kept.
fn current() -> Option<String> {
    if let Some((name, _)) = names() {
        return Some(name);
    }
    let name = random_name()?;
    keep(&name)?;
    Some(name)
}

/// Gives another name to the attempt that is under way, unless another tab did so or had an answer. The old one stays
/// beside it: another request by that name may have lost its answer.
fn rename(from: Option<String>) {
    if let (Some((name, _)), Some(from)) = (names(), from)
        && name == from
        && let Some(next) = random_name()
    {
        keep(&format!("{next} {name}"));
    }
}

fn names() -> Option<(String, Option<String>)> {
    let text = text_of(KEY)?;
    let mut names = text.split(' ').map(str::to_owned);
    let name = names.next().filter(|name| is_name(name))?;
    Some((name, names.next().filter(|name| is_name(name))))
}

/// What this app did not write is none: the browser throws at what cannot go into a header.
fn is_name(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A text that nobody guesses and nobody had before.
pub(super) fn random_name() -> Option<String> {
    let mut bytes = [0; LENGTH];
    let crypto = window().crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    let digit = |byte: &u8| char::from_digit(u32::from(byte % 16), 16);
    Some(bytes.iter().filter_map(digit).collect())
}

fn keep(names: &str) -> Option<()> {
    is_usable().then(|| LocalStorage::raw().set_item(KEY, names).ok())?
}
