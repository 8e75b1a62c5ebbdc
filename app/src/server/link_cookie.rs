//! The link in a mail, once it is opened: its token leaves the address at once, for a cookie that lasts as long as a link does. So it is
//! in no history, no `Referer` and no log of a proxy but the first (RE-04, RE-12). Opening it does nothing else.

use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::CookieKind;
use super::mail::Purpose;
use super::secret::Secret;
use super::services::{Services, append_header, parts, services};
use super::store::StoreError;
use crate::error::AppError;

/// What the page is told of a link that is not good, without losing one that was opened before.
const DEAD: &str = "link=dead";

/// The answer to a link that was opened: the same page without the token.
pub async fn opened(services: &Services, uri: &Uri) -> Option<Response> {
    let purposes = [Purpose::SignUp, Purpose::Reset];
    let purpose = *purposes.iter().find(|one| one.page() == uri.path())?;
    let query = form_urlencoded::parse(uri.query()?.as_bytes());
    let (_, token) = query.into_iter().find(|(name, _)| name == "token")?;
    let mut response = match good(services, purpose, &token).await {
        Some(token) => {
            let security = services.settings.cookies;
            let kept_for = Some(purpose.good_for());
            let cookie = kind(purpose).set(token.reveal(), kept_for, security);
            let mut response = Redirect::to(purpose.page()).into_response();
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        None => Redirect::to(&format!("{}?{DEAD}", purpose.page())).into_response(),
    };
    let policy = HeaderValue::from_static("no-referrer");
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, policy);
    Some(response)
}

/// The token, unless it is known to be none: what is not good must not replace what is (RE-06). Where the database cannot be asked,
/// the form will ask it again.
async fn good(services: &Services, purpose: Purpose, token: &str) -> Option<Secret> {
    let token = Secret::parse(token)?;
    let accounts = &services.accounts;
    let is_good: Result<bool, StoreError> = match purpose {
        Purpose::Reset => accounts
            .whose_reset(&token)
            .await
            .map(|user| user.is_some()),
        Purpose::SignUp => {
            let email = accounts.address_to_confirm(&token).await;
            email.map(|email| email.is_some())
        }
    };
    is_good.unwrap_or(true).then_some(token)
}

/// The token of the link that was opened in this browser, if one was.
pub fn token(purpose: Purpose) -> Option<Secret> {
    let security = services().settings.cookies;
    let cookie = kind(purpose).read(&parts().headers, security);
    cookie.ok().flatten().as_deref().and_then(Secret::parse)
}

/// The same for whoever cannot go on without.
///
/// # Errors
/// [`AppError::DeadLink`].
pub fn opened_token(purpose: Purpose) -> Result<Secret, AppError> {
    token(purpose).ok_or(AppError::DeadLink)
}

/// The browser forgets it, if it has one: it was used, or the next one is on its way.
pub fn forget(purpose: Purpose) {
    let security = services().settings.cookies;
    let kind = kind(purpose);
    if kind.is_in(&parts().headers, security) {
        append_header(header::SET_COOKIE, kind.remove(security));
    }
}

fn kind(purpose: Purpose) -> CookieKind {
    match purpose {
        Purpose::SignUp => CookieKind::AddressLink,
        Purpose::Reset => CookieKind::ResetLink,
    }
}
