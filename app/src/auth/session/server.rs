//! Cookie mode, the server's half: the session id goes out in a cookie, its hash into the database.
//! The sign-in row behind it is `sign_ins`' affair.

mod session_store;

use std::sync::Arc;

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use tower_sessions::Session;
use tower_sessions::session::Id;

use self::session_store::{SIGN_IN, SignInSessions, begin_data};
use super::Grant;
use crate::auth::jwt::server::possession::spend_proof;
use crate::auth::jwt::server::token_pair::shown;
use crate::auth::viewer::{Profile, Viewer};
use crate::domain::sign_in::{Keep, Kind, SignInId};
use crate::domain::user::User;
use crate::error::AppError;
use crate::server::answers::internal;
use crate::server::caller::Caller;
use crate::server::cookies::{CookieKind, max_age};
use crate::server::guard::{Identity, identity};
use crate::server::secret::Secret;
use crate::server::services::{Services, append_header, parts, services};
use crate::server::sign_ins::exchange::ExchangeError;
use crate::server::sign_ins::{Credential, Policy, Proof};
use crate::server::store::{Shown, SignedIn};

/// Begins a cookie sign-in for a person whose password was right: always with a new session id (SE-02), and the
/// sign-in that this browser had before ends only when the new one stands (SE-16).
///
/// # Errors
/// [`AppError::Unavailable`] when the database fails; the browser then still has its old sign-in, if any.
pub async fn grant(user: &User, keep: Keep) -> Result<Grant, AppError> {
    let services = services();
    let caller = Caller::of(&parts());
    let sign_in = services
        .sign_ins
        .begin(user, Kind::Cookie, keep, &caller)
        .await?;
    let session = Session::new(None, Arc::new(SignInSessions::of(&services)), None);
    session.insert(SIGN_IN, &sign_in.id).await?;
    session.save().await?;
    let id = session.id().ok_or(AppError::Internal)?;
    set_session_cookie(&services, &id.to_string(), keep);
    if let Identity::SignedIn(before) = identity() {
        let before = &before.sign_in.id;
        services.sign_ins.replace(before, &caller).await?;
    }
    Ok(Grant {})
}

/// Exchanges the refresh token in the request's cookie, which the server set when it kept people signed in with tokens. One
/// answer sets the new cookie and removes the old one, so that a browser has either or both, and never neither. Whoever
/// is signed in already stays who they are; the sign-in that this browser had before ends, as it does at a sign-in, unless its
/// token lacks its key. `sid` must be the token's sign-in.
///
/// # Errors
/// [`AppError::SignedOut`] when there is no live sign-in behind the cookie, or it lacks its key; it is removed then, but not for a page of token
/// mode, which sends no `sid` and whose proof is the session.
/// [`AppError::Overtaken`] when what the token became is in use, [`AppError::OldPage`] when its token was spent
/// just now; [`AppError::Unavailable`] when the database fails.
pub async fn exchange(sid: &str) -> Result<Grant, AppError> {
    let services = services();
    let security = services.settings.cookies;
    let parts = parts();
    let presented = presented(&parts, &services).await?;
    if let Identity::SignedIn(asking) = identity() {
        return leave_behind(presented, &asking).await;
    }
    let sign_ins = &services.sign_ins;
    let exchanged = match (presented, SignInId::parse(sid)) {
        (Some(old), Some(expected))
            if sign_ins.id_of(&old.proof).await? == Some(expected.clone()) =>
        {
            // The answer to an attempt that is made once more is given again, on whichever node.
            spend_proof(&parts, &services, &expected).await?;
            let exchange = sign_ins.exchange_refresh_token(old, expected, begin_data);
            exchange.await
        }
        _ => Err(ExchangeError::Ended),
    };
    let exchanged = match exchanged {
        Ok(exchanged) => exchanged,
        Err(ExchangeError::Ended) => {
            if !sid.is_empty() {
                append_header(SET_COOKIE, CookieKind::Refresh.remove(security));
            }
            return Err(AppError::SignedOut);
        }
        Err(ExchangeError::Late | ExchangeError::Superseded) => return Err(AppError::OldPage),
        Err(ExchangeError::Overtaken) => return Err(AppError::Overtaken),
        Err(ExchangeError::Store(error)) => return Err(error.into()),
    };
    let keep = exchanged.signed_in.sign_in.keep;
    set_session_cookie(&services, exchanged.proof.reveal(), keep);
    append_header(SET_COOKIE, CookieKind::Refresh.remove(security));
    Ok(Grant {})
}

/// Whoever is signed in already does without what is left of token mode.
async fn leave_behind(presented: Option<Shown>, asking: &SignedIn) -> Result<Grant, AppError> {
    let services = services();
    if let Some(old) = presented {
        let (sign_ins, caller) = (&services.sign_ins, Caller::of(&parts()));
        sign_ins.end_other(asking, &old.proof, &caller).await?;
    }
    let removal = CookieKind::Refresh.remove(services.settings.cookies);
    append_header(SET_COOKIE, removal);
    Ok(Grant {})
}

/// The refresh token in the request's cookie, unless it is a copy: one that is bound to a key is exchanged only with a proof of
/// that key, or whoever stole it would wait for this.
async fn presented(parts: &Parts, services: &Services) -> Result<Option<Shown>, AppError> {
    let cookie = CookieKind::Refresh.read(&parts.headers, services.settings.cookies)?;
    let Some(token) = cookie.as_deref().and_then(Secret::parse) else {
        return Ok(None);
    };
    shown(token, parts, services).await
}

/// Never: the refresh cookie is not sent with pages, and so the browser has to remember by itself.
pub fn may_exchange(_parts: &Parts, _services: &Services) -> bool {
    false
}

/// The server knows who is asking, and so does the page, from its first byte.
pub fn first_viewer(identity: &Identity) -> Viewer {
    match identity {
        Identity::Anonymous => Viewer::Anonymous,
        Identity::SignedIn(signed_in) => Viewer::User(Profile::from(&signed_in.user)),
    }
}

/// A guarded page is refused before anything of it is rendered (T17).
pub fn page_needs_sign_in(identity: &Identity) -> bool {
    *identity == Identity::Anonymous
}

/// The session that the request's cookie names, and the sign-in that the session names.
/// An id that is malformed, unknown or ended is nobody's; it is never taken over (SE-03).
///
/// The session is loaded when it is first asked for something; what it holds is never remembered.
///
/// # Errors
/// [`AppError::Malformed`] for two cookies of the name, [`AppError::Unavailable`] when the database fails.
pub async fn identify_by_cookie(
    parts: &Parts,
    services: &Services,
    policy: Policy,
) -> Result<(Identity, Option<Session>), AppError> {
    let cookie = CookieKind::Session.read(&parts.headers, services.settings.cookies)?;
    let Some(id) = cookie.and_then(|value| value.parse::<Id>().ok()) else {
        return Ok((Identity::Anonymous, None));
    };
    let session = Session::new(Some(id), Arc::new(SignInSessions::of(services)), None);
    let proof = async {
        let sign_in_id = session.get::<SignInId>(SIGN_IN).await?;
        Ok::<_, AppError>(sign_in_id.map(|sign_in_id| Proof {
            sign_in_id,
            user_id: None,
            bound_to: None,
            until: None,
        }))
    };
    let credential = Credential::of_session(&id.to_string());
    let signed_in = services
        .sign_ins
        .identify(credential, policy, proof)
        .await?;
    let session = signed_in.is_some().then_some(session);
    Ok((signed_in.into(), session))
}

fn set_session_cookie(services: &Services, id: &str, keep: Keep) {
    let settings = &services.settings;
    let max_age = max_age(keep, settings.lifetimes.absolute);
    append_header(
        SET_COOKIE,
        CookieKind::Session.set(id, max_age, settings.cookies),
    );
}

impl From<&User> for Profile {
    fn from(user: &User) -> Self {
        Self {
            email: user.email.as_str().to_owned(),
        }
    }
}

impl From<tower_sessions::session::Error> for AppError {
    fn from(error: tower_sessions::session::Error) -> Self {
        match error {
            // Logged with its causes where it happened; here it is only a text.
            tower_sessions::session::Error::Store(_) => Self::Unavailable,
            error @ tower_sessions::session::Error::SerdeJson(_) => internal(&error),
        }
    }
}
