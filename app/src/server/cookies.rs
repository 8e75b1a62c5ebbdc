//! The cookies of the product: their names and attributes, how they are set, removed and read (RFC 6265bis).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cookie::{Cookie, SameSite};

use super::services::append_header;
use super::settings::CookieSecurity;
use crate::domain::sign_in::Keep;
use crate::error::AppError;

/// A longer value was never set by us; it is not even looked up.
const LONGEST_VALUE: usize = 512;

/// One of the cookies this server sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieKind {
    /// The session id: sent with every request, also when a link on another site is followed.
    Session,
    /// The refresh token of token mode: sent to its endpoint alone, never from another site.
    Refresh,
    /// Why the form that was just sent failed; lives until the next page.
    Flash,
    /// By which a browser is known again; it proves nothing.
    Device,
    /// The token of the link in a mail that was opened, on its way from the address to the form (RE-04).
    ResetLink,
    /// The same of one that confirms an address.
    AddressLink,
}

/// The path to which the refresh cookie is sent.
pub const REFRESH_PATH: &str = "/api/refresh";

impl CookieKind {
    pub fn name(self, security: CookieSecurity) -> &'static str {
        let is_full = security == CookieSecurity::Full;
        match self {
            Self::Session if is_full => "__Host-session",
            Self::Session => "session",
            // `__Host-` would force the path `/`, and send the long-lived secret everywhere.
            Self::Refresh if is_full => "__Secure-refresh",
            Self::Refresh => "refresh",
            Self::Flash if is_full => "__Host-flash",
            Self::Flash => "flash",
            Self::Device if is_full => "__Host-device",
            Self::Device => "device",
            Self::ResetLink if is_full => "__Host-reset-link",
            Self::ResetLink => "reset-link",
            Self::AddressLink if is_full => "__Host-address-link",
            Self::AddressLink => "address-link",
        }
    }

    /// A `Set-Cookie` header that keeps `value`; without `max_age` the browser drops it when it closes.
    pub fn set(
        self,
        value: &str,
        max_age: Option<std::time::Duration>,
        security: CookieSecurity,
    ) -> HeaderValue {
        let mut cookie = self.build(value.to_owned(), security);
        if let Some(max_age) = max_age {
            cookie.set_max_age(cookie::time::Duration::try_from(max_age).ok());
        }
        into_header(&cookie)
    }

    /// A `Set-Cookie` header that removes the cookie. It carries every attribute of the cookie: browsers ignore
    /// a removal of a `__Host-` cookie that is not itself `Secure` (T16).
    pub fn remove(self, security: CookieSecurity) -> HeaderValue {
        let mut cookie = self.build(String::new(), security);
        cookie.set_max_age(cookie::time::Duration::ZERO);
        into_header(&cookie)
    }

    /// The value the browser sent.
    ///
    /// # Errors
    /// [`AppError::Malformed`] when there are two: one of them is not ours, and picking would be guessing (T22).
    pub fn read(
        self,
        headers: &HeaderMap,
        security: CookieSecurity,
    ) -> Result<Option<String>, AppError> {
        let name = self.name(security).as_bytes();
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| value_of(pair, name));
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(AppError::Malformed),
            (value, None) => Ok(value
                .filter(|value| value.len() <= LONGEST_VALUE)
                .and_then(|value| String::from_utf8(value.to_vec()).ok())),
        }
    }

    /// Whether the browser sent one, whatever it is worth.
    pub fn is_in(self, headers: &HeaderMap, security: CookieSecurity) -> bool {
        !matches!(self.read(headers, security), Ok(None))
    }

    fn build(self, value: String, security: CookieSecurity) -> Cookie<'static> {
        Cookie::build((self.name(security), value))
            .http_only(true)
            .secure(security == CookieSecurity::Full)
            .path(match self {
                Self::Refresh => REFRESH_PATH,
                _ => "/",
            })
            .same_site(match self {
                Self::Refresh | Self::Device => SameSite::Strict,
                // A mail is read on another site: its link leads from there.
                Self::Session | Self::Flash | Self::ResetLink | Self::AddressLink => SameSite::Lax,
            })
            .build()
    }
}

/// Tells the browser to drop what it keeps of this origin (W3C Clear Site Data).
pub const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Removes what proves the sign-in of whoever asks, from their browser, and the pages that it keeps for the Back button
/// (FE-14). Not `"storage"`: that is the page's to empty, which tells the other tabs, and what else is in it stays.
pub fn remove_proofs(security: CookieSecurity) {
    append_header(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    for cookie in [CookieKind::Session, CookieKind::Refresh] {
        append_header(header::SET_COOKIE, cookie.remove(security));
    }
}

/// How long the browser keeps the proof of a sign-in: until it closes, or as long as the sign-in can last.
pub fn max_age(keep: Keep, absolute: std::time::Duration) -> Option<std::time::Duration> {
    match keep {
        Keep::WhileBrowserIsOpen => None,
        Keep::Longer => Some(absolute),
    }
}

/// The value of `pair`, if its name is ours to the byte. Works on bytes, because another app on this host may set
/// cookies in any encoding beside ours; trims what RFC 6265 calls white space and nothing else, because a name that
/// only looks like `__Host-` after more trimming was never protected by the browser.
fn value_of<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let is_space = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = pair.iter().position(|byte| !is_space(byte))?;
    let end = pair.iter().rposition(|byte| !is_space(byte))? + 1;
    let pair = &pair[start..end];
    pair.strip_prefix(name)?.strip_prefix(b"=")
}

fn into_header(cookie: &Cookie<'_>) -> HeaderValue {
    HeaderValue::from_str(&cookie.to_string())
        .expect("names and values are base64url or our own words")
}
