//! The link in a mail, once it is opened: its token leaves the address at once, for a cookie that lasts as long as it takes to fill in a
//! form. So it is in no history, no `Referer` and no log of a proxy but the first (RE-04, RE-12). Opening it does nothing else.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::CookieKind;
use super::mail::Purpose;
use super::secret::Secret;
use super::services::{Services, append_header, parts, services};
use super::settings::CookieSecurity;
use crate::error::AppError;

const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// The answer to a link that was opened: the same page without the token.
pub fn opened(uri: &Uri, security: CookieSecurity) -> Option<Response> {
    let purposes = [Purpose::SignUp, Purpose::Reset];
    let purpose = purposes.iter().find(|one| one.page() == uri.path())?;
    let query = form_urlencoded::parse(uri.query()?.as_bytes());
    let (_, token) = query.into_iter().find(|(name, _)| name == "token")?;
    let mut response = Redirect::to(purpose.page()).into_response();
    // What was never sent in a mail replaces nothing that was (RE-06).
    if let Some(token) = Secret::parse(&token) {
        let cookie = CookieKind::Link.set(token.reveal(), Some(KEPT_FOR), security);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    let policy = HeaderValue::from_static("no-referrer");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, policy);
    Some(response)
}

/// The token of the link that was opened in this browser, if one was.
pub fn token() -> Option<Secret> {
    token_in(&parts(), &services())
}

/// The same for whoever cannot go on without.
///
/// # Errors
/// [`AppError::DeadLink`].
pub fn opened_token() -> Result<Secret, AppError> {
    token().ok_or(AppError::DeadLink)
}

/// The browser forgets it, if it has one: it was used, or the next one is on its way.
pub fn forget() {
    let security = services().settings.cookies;
    if !CookieKind::Link.is_in(&parts().headers, security) {
        return;
    }
    append_header(header::SET_COOKIE, CookieKind::Link.remove(security));
}

fn token_in(parts: &Parts, services: &Services) -> Option<Secret> {
    let cookie = CookieKind::Link.read(&parts.headers, services.settings.cookies);
    cookie.ok().flatten().as_deref().and_then(Secret::parse)
}
