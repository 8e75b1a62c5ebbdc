//! The cookie by which a browser is known again where somebody signed in before. It proves nothing: it only keeps others
//! from using up the guesses of whoever has it (TH-02, OWASP Authentication cheat sheet: device cookies).

use std::time::Duration;

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;

use super::causes::causes;
use super::client_address::ClientAddress;
use super::cookies::CookieKind;
use super::secret::Secret;
use super::services::{Services, append_header, parts, services};
use super::throttle::Guesser;
use crate::domain::user::User;

/// How long after the last sign-in a browser is known.
const REMEMBERED_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Who sent a request, as far as limits go.
pub fn guesser(parts: &Parts, services: &Services) -> Guesser {
    Guesser {
        address: ClientAddress::found_in(parts),
        device: secret_in(parts, services).map(|secret| secret.hashed()),
    }
}

/// Makes this browser one that is known for `user`, whose password was right just now, unless it has been changed meanwhile. Where
/// the database fails in that, what they came for is done all the same, and the browser stays an unknown one.
pub async fn remember(user: &User) {
    let services = services();
    let secret = secret_in(&parts(), &services).unwrap_or_else(Secret::random);
    let until = services.clock.now().after(REMEMBERED_FOR);
    let device = secret.hashed();
    match services.store.remember_device(&device, user, until).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => {
            return tracing::warn!(causes = ?causes(&error), "a browser could not be remembered");
        }
    }
    let security = services.settings.cookies;
    let cookie = CookieKind::Device.set(secret.reveal(), Some(REMEMBERED_FOR), security);
    append_header(SET_COOKIE, cookie);
}

/// Two cookies of the name, or none that was ever handed out, are as good as none.
fn secret_in(parts: &Parts, services: &Services) -> Option<Secret> {
    let cookie = CookieKind::Device.read(&parts.headers, services.settings.cookies);
    cookie.ok().flatten().as_deref().and_then(Secret::parse)
}
