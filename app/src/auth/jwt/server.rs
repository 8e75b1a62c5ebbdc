//! Token mode, the server's half: a signed access token for the client, and behind it a refresh token that no script
//! can read. The sign-in row behind both is `sign_ins`' affair.

pub mod possession;
pub mod token_pair;

mod access_token;

use std::sync::Arc;
use std::time::Instant;

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use jws::access_token::{Claims, LONGEST, TokenError};

use self::token_pair::{NoPair, TokenPair, attempt};
use super::possession::PROOF_HEADER;
use super::{AccessToken, Grant};
use crate::auth::viewer::Viewer;
use crate::domain::sign_in::{Keep, Moment, SignIn, SignInId};
use crate::domain::user::{User, UserId};
use crate::error::AppError;
use crate::server::audit::Factor;
use crate::server::caller::Caller;
use crate::server::cookies::{CookieKind, max_age};
use crate::server::guard::{Identity, identity};
use crate::server::secret::SessionId;
use crate::server::services::{Services, append_header, parts, services};
use crate::server::sign_ins::exchange::ExchangeError;
use crate::server::sign_ins::{Credential, Policy, Proof, RenewalError};
use crate::server::store::Shown;

/// Begins a token sign-in for a person whose password was right. The sign-in that was proved with this very request
/// ends only when the new one stands.
///
/// # Errors
/// [`AppError::Unavailable`] when the database fails.
pub async fn grant(user: &User, keep: Keep) -> Result<Grant, AppError> {
    let services = services();
    let parts = parts();
    let pair = TokenPair::begin(&services, user, keep, &parts).await?;
    set_refresh_cookie(&services, &pair);
    let security = services.settings.cookies;
    if CookieKind::Session.is_in(&parts.headers, security) {
        append_header(SET_COOKIE, CookieKind::Session.remove(security));
    }
    if let Identity::SignedIn(before) = identity() {
        let (before, caller) = (&before.sign_in.id, Caller::of(&parts));
        services.sign_ins.replace(before, &caller).await?;
    }
    Ok(Grant {
        access_token: pair.access_token,
    })
}

/// Spends the refresh token in the request's cookie and hands out the next pair, as [`TokenPair::renew`] does.
///
/// # Errors
/// [`AppError::SignedOut`] when there is no live sign-in behind the cookie; it is removed then.
/// [`AppError::Overtaken`] when this request was overtaken by a newer renewal, [`AppError::OldPage`] when its token was
/// exchanged for a session meanwhile; [`AppError::Unavailable`] when the database fails.
pub async fn renew() -> Result<AccessToken, AppError> {
    let (services, parts) = (services(), parts());
    let security = services.settings.cookies;
    let cookie = CookieKind::Refresh.read(&parts.headers, security)?;
    match TokenPair::renew(&services, cookie.as_deref(), &parts).await {
        Ok(pair) => {
            set_refresh_cookie(&services, &pair);
            Ok(pair.access_token)
        }
        Err(NoPair::Renewal(RenewalError::Ended)) => {
            append_header(SET_COOKIE, CookieKind::Refresh.remove(security));
            Err(AppError::SignedOut)
        }
        // The cookie may be newer than this request, and stays.
        Err(NoPair::Renewal(RenewalError::Overtaken)) => Err(AppError::Overtaken),
        Err(NoPair::Renewal(RenewalError::Late)) => Err(AppError::OldPage),
        Err(NoPair::Renewal(RenewalError::Store(error))) => Err(error.into()),
        Err(NoPair::Other(error)) => Err(error),
    }
}

/// Exchanges the session in the request's cookie, which the server set when it kept people signed in with sessions. Nobody
/// but this host can set that one, and so it needs no `sid`: only a page of cookie mode sends it, whose proof is the refresh
/// cookie, good as ever. The session cookie
/// stays until the token is seen in use: should the body of this answer be lost, it is all that the browser has.
///
/// # Errors
/// [`AppError::SignedOut`] when the session is nobody's, or is done with because another tab was quicker; its token is in
/// storage then. [`AppError::OldPage`] to a page of cookie mode. [`AppError::Unavailable`] when the database fails.
pub async fn exchange(sid: &str) -> Result<Grant, AppError> {
    if !sid.is_empty() {
        return Err(AppError::OldPage);
    }
    let services = services();
    let security = services.settings.cookies;
    let parts = parts();
    let cookie = CookieKind::Session.read(&parts.headers, security)?;
    let presented = cookie.as_deref().and_then(SessionId::parse);
    let held = possession::held(&parts, &services)?;
    let exchanged = match presented {
        Some(proof) => {
            let shown = Shown {
                proof,
                attempt: attempt(&parts.headers)?,
                caller: Caller::of(&parts).showing(Factor::Session),
                held,
            };
            services.sign_ins.exchange_session(shown).await
        }
        None => Err(ExchangeError::Ended),
    };
    let exchanged = match exchanged {
        Ok(exchanged) => exchanged,
        Err(ExchangeError::Ended) => {
            append_header(SET_COOKIE, CookieKind::Session.remove(security));
            return Err(AppError::SignedOut);
        }
        // Another tab has the token, or a thief: the cookie stays until a token beside it says which.
        Err(ExchangeError::Superseded) => return Err(AppError::SignedOut),
        Err(ExchangeError::Late) => return Err(AppError::OldPage),
        Err(ExchangeError::Overtaken) => return Err(AppError::Overtaken),
        Err(ExchangeError::Store(error)) => return Err(error.into()),
    };
    let sign_in = &exchanged.signed_in.sign_in;
    let pair = TokenPair::of(&services, sign_in, exchanged.proof)?;
    set_refresh_cookie(&services, &pair);
    Ok(Grant {
        access_token: pair.access_token,
    })
}

/// Whether the request came with a session cookie. It is not looked up, so that the page stays one that tells nobody
/// anything.
pub fn may_exchange(parts: &Parts, services: &Services) -> bool {
    CookieKind::Session.is_in(&parts.headers, services.settings.cookies)
}

/// The server cannot see what the browser keeps, so the first render is the same for everybody.
pub fn first_viewer(_identity: &Identity) -> Viewer {
    Viewer::Unknown
}

/// Never: a guarded page is a neutral shell, and its data comes from calls that carry the token.
pub fn page_needs_sign_in(_identity: &Identity) -> bool {
    false
}

/// The sign-in that a bearer token names (RFC 6750 §2.1), checked against its row, so that an ended sign-in is felt as soon
/// as `policy` says and not when the token runs out.
///
/// # Errors
/// [`AppError::InvalidToken`], the same for every cause; [`AppError::Unavailable`] when the database fails.
pub async fn identify_by_bearer(
    parts: &Parts,
    authorization: &str,
    services: &Services,
    policy: Policy,
) -> Result<Identity, AppError> {
    let token = bearer_token(parts, authorization)?;
    let proof = async {
        let claims = read(token, services).await?;
        Ok::<_, AppError>(Some(Proof {
            until: Some(Moment(claims.refused_from())),
            user_id: Some(UserId::from(claims.sub)),
            bound_to: Some(claims.cnf.map(|cnf| cnf.jkt)),
            sign_in_id: SignInId::from(claims.sid),
        }))
    };
    let credential = Credential::of_token(token, services.keys.current().ids());
    let signed_in = services.sign_ins.identify(credential, policy, proof);
    let signed_in = signed_in.await?.ok_or(AppError::InvalidToken)?;
    let SignIn { id, bound_to, .. } = &signed_in.sign_in;
    possession::require(parts, services, id, bound_to.as_deref()).await?;
    Ok(Identity::SignedIn(signed_in))
}

/// Ends the sign-in that a bearer token names; one that has ended already is fine.
///
/// # Errors
/// [`AppError::InvalidToken`] for a token that this server did not sign or that has run out; [`AppError::Unavailable`].
pub async fn end_by_bearer(
    parts: &Parts,
    authorization: &str,
    services: &Services,
) -> Result<(), AppError> {
    let claims = read(bearer_token(parts, authorization)?, services).await?;
    let key = claims.cnf.as_ref().map(|cnf| cnf.jkt.as_str());
    let id = SignInId::from(claims.sid);
    possession::require(parts, services, &id, key).await?;
    Ok(services.sign_ins.sign_out(&id, &Caller::of(parts)).await?)
}

/// Signs and checks a token, so that a key or crypto backend that does not work is found at the start (T27).
///
/// # Errors
/// [`TokenError`].
pub fn self_test(services: &Services) -> Result<(), TokenError> {
    let now = services.clock.now();
    let sid = SignInId::from("self-test".to_owned());
    let keys = services.keys.current();
    let token = access_token::sign("nobody", &sid, None, &keys, &services.settings, now)?;
    access_token::verify(&token, &keys, &services.settings, now)?;
    tracing::info!("a token was signed and taken");
    Ok(())
}

async fn read(token: &str, services: &Services) -> Result<Claims, AppError> {
    verify(token, services).await.map_err(|error| {
        tracing::info!(%error, "access token refused");
        AppError::InvalidToken
    })
}

/// A key that is not known may be new: another server may have seen it before this one did.
async fn verify(token: &str, services: &Services) -> Result<Claims, TokenError> {
    let (settings, now) = (&services.settings, services.clock.now());
    match access_token::verify(token, &services.keys.current(), settings, now) {
        Err(TokenError::UnknownKey) => {
            let keys = Arc::clone(&services.keys).look_again(Instant::now()).await;
            access_token::verify(token, &keys, settings, now)
        }
        result => result,
    }
}

/// After `Bearer`, or after `DPoP` beside a proof (RFC 9449 §7.1). A scheme is case-insensitive (RFC 9110 §11.1), the token
/// has one alphabet (RFC 6750 §2.1). A long one is not even hashed (JW-13).
fn bearer_token<'a>(parts: &Parts, authorization: &'a str) -> Result<&'a str, AppError> {
    let has_proof = parts.headers.contains_key(PROOF_HEADER);
    let is_known = |scheme: &str| {
        scheme.eq_ignore_ascii_case("bearer") || (has_proof && scheme.eq_ignore_ascii_case("dpop"))
    };
    authorization
        .split_once(' ')
        .filter(|(scheme, token)| is_known(scheme) && token.len() <= LONGEST)
        .map(|(_, token)| token)
        .ok_or(AppError::InvalidToken)
}

fn set_refresh_cookie(services: &Services, pair: &TokenPair) {
    let settings = &services.settings;
    let max_age = max_age(pair.keep, settings.lifetimes.absolute);
    let value = pair.refresh_token.reveal();
    append_header(
        SET_COOKIE,
        CookieKind::Refresh.set(value, max_age, settings.cookies),
    );
}
