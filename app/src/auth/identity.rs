//! Who sent a request, by either proof, in every build; and the layers that every page and call goes through.

use std::future::ready;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_sessions::Session;

pub use super::jwt::server::possession::spend_proof;

use super::jwt::server::possession::first_nonce;
use super::jwt::server::possession::know_possession;
use super::jwt::server::{end_by_bearer, identify_by_bearer};
use super::session::server::identify_by_cookie;
use super::viewer::{FirstRender, Viewer};
use super::{first_viewer, may_exchange, page_needs_sign_in, same_origin};
use crate::domain::user::User;
use crate::error::AppError;
use crate::server::access::{Access, Kind, Line};
use crate::server::caller::{Caller, request_id};
use crate::server::cookies::{CookieKind, max_age};
use crate::server::forms;
use crate::server::guard::Identity;
use crate::server::password_hash::PasswordHash;
use crate::server::secret::SessionId;
use crate::server::services::{Services, append_header, parts, services};
use crate::server::sign_ins::Policy;
use crate::server::store::SignedIn;

/// Puts the layers that keep people's sign-ins safe around the pages and their calls, outermost first: same origin or
/// nothing, who is asking, no guarded page without a sign-in, then what a form without scripts needs. The JSON API has
/// neither pages nor forms; there, whoever needs to know who is asking calls [`identify`].
pub fn attach(pages: Router, json_api: Router, services: &Services) -> Router {
    pages
        .layer(from_fn_with_state(services.clone(), forms::serve))
        .layer(from_fn(guard_page))
        .layer(from_fn_with_state(services.clone(), know_identity))
        .merge(json_api)
        .layer(from_fn_with_state(services.clone(), know_possession))
        .layer(from_fn_with_state(
            services.clone(),
            same_origin::require_same_origin,
        ))
}

/// Who sent the request. An `Authorization` header decides alone: a bad one is an error and never falls back to
/// the cookie. Without one the cookie decides. `policy` says how old the answer may be.
///
/// # Errors
/// [`AppError::InvalidToken`], [`AppError::Malformed`] for cookies that contradict each other, and
/// [`AppError::Unavailable`] when the database fails: nobody becomes anonymous because of it (AV-08).
pub async fn identify(
    parts: &Parts,
    services: &Services,
    policy: Policy,
) -> Result<(Identity, Option<Session>), AppError> {
    match authorization(parts)? {
        None => identify_by_cookie(parts, services, policy).await,
        Some(value) => {
            let identity = identify_by_bearer(parts, value, services, policy).await?;
            Ok((identity, None))
        }
    }
}

/// Notes that whoever asks has just given their password again. The session they ask with gets a new id, which the answer
/// sets; a token goes on as it is, because what it may do is looked up.
///
/// # Errors
/// [`AppError::SignedOut`] when the sign-in has ended meanwhile, [`AppError::Unavailable`] when the database fails.
pub async fn confirm(asking: &SignedIn) -> Result<(), AppError> {
    let (services, parts) = (services(), parts());
    let (session, caller) = (own_session(&parts, &services)?, Caller::of(&parts));
    let (id, sign_ins) = (&asking.sign_in.id, &services.sign_ins);
    let confirmed = sign_ins.confirm(id, session.as_ref(), &caller);
    go_on_as(confirmed.await?, asking, &services);
    Ok(())
}

/// Keeps a `new` password for whoever asks, who is the `user` that has just given the present one. Otherwise as [`confirm`].
///
/// # Errors
/// Those of [`confirm`]; nothing has changed then.
pub async fn change_password(
    user: &User,
    new: PasswordHash,
    asking: &SignedIn,
) -> Result<(), AppError> {
    let (services, parts) = (services(), parts());
    let (session, caller) = (own_session(&parts, &services)?, Caller::of(&parts));
    let (id, sign_ins) = (&asking.sign_in.id, &services.sign_ins);
    let changed = sign_ins.change_password(user, new, id, session.as_ref(), &caller);
    go_on_as(changed.await?, asking, &services);
    Ok(())
}

/// The session that the request asks with, if it is one.
fn own_session(parts: &Parts, services: &Services) -> Result<Option<SessionId>, AppError> {
    if authorization(parts)?.is_some() {
        return Ok(None);
    }
    let cookie = CookieKind::Session.read(&parts.headers, services.settings.cookies)?;
    Ok(cookie.as_deref().and_then(SessionId::parse))
}

fn go_on_as(session: Option<SessionId>, asking: &SignedIn, services: &Services) {
    if let Some(session) = session {
        let settings = &services.settings;
        let max_age = max_age(asking.sign_in.keep, settings.lifetimes.absolute);
        let cookie = CookieKind::Session.set(session.reveal(), max_age, settings.cookies);
        append_header(header::SET_COOKIE, cookie);
    }
}

/// Ends the sign-in that the request's proof names, by the same precedence. A token whose sign-in has ended already is
/// fine: what was asked for is so (RFC 7009 §2.2).
///
/// # Errors
/// [`AppError::SignedOut`] without a proof, and whatever [`identify`] answers to a bad one.
pub async fn end_proved(parts: &Parts, services: &Services) -> Result<(), AppError> {
    if let Some(value) = authorization(parts)? {
        return end_by_bearer(parts, value, services).await;
    }
    match identify_by_cookie(parts, services, Policy::Fresh).await? {
        (Identity::SignedIn(signed_in), _) => {
            let (id, caller) = (&signed_in.sign_in.id, Caller::of(parts));
            Ok(services.sign_ins.sign_out(id, &caller).await?)
        }
        (Identity::Anonymous, _) => Err(AppError::SignedOut),
    }
}

fn authorization(parts: &Parts) -> Result<Option<&str>, AppError> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    match (headers.next(), headers.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| AppError::InvalidToken),
        (Some(_), Some(_)) => Err(AppError::InvalidToken),
    }
}

/// Where the password is asked for once more.
pub const CONFIRM_PAGE: &str = "/confirm";

async fn know_identity(State(services): State<Services>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (identity, session, failure) = match identify(&parts, &services, Policy::Recent).await {
        Ok((identity, session)) => (identity, session, None),
        Err(error) if wants_page(&parts.headers) => (Identity::Anonymous, None, Some(error)),
        Err(error) => return error.into_response(),
    };
    let viewer = match failure {
        Some(_) => Viewer::Unknown,
        None => first_viewer(&identity),
    };
    parts.extensions.insert(FirstRender {
        viewer,
        may_exchange: may_exchange(&parts, &services),
        nonce: first_nonce(&services),
        reference: request_id(&parts.headers).to_owned(),
        failure,
        ..FirstRender::default()
    });
    let is_superseded = match supersede_session_beside(&parts, &identity, &services).await {
        Ok(is_superseded) => is_superseded,
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(identity);
    if let Some(session) = session.clone() {
        parts.extensions.insert(session);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if is_superseded {
        let removal = CookieKind::Session.remove(services.settings.cookies);
        response.headers_mut().append(header::SET_COOKIE, removal);
    }
    save(session, response).await
}

/// Whether the token that decided who asks is what the session cookie beside it was exchanged for. The browser then has
/// and uses the new proof, and the old one is done with: only now is it removed.
async fn supersede_session_beside(
    parts: &Parts,
    identity: &Identity,
    services: &Services,
) -> Result<bool, AppError> {
    let Identity::SignedIn(signed_in) = identity else {
        return Ok(false);
    };
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(false);
    }
    // Cookies that contradict each other do not matter beside a token, which decides alone.
    let cookie = CookieKind::Session.read(&parts.headers, services.settings.cookies);
    let Some(session) = cookie.ok().flatten().as_deref().and_then(SessionId::parse) else {
        return Ok(false);
    };
    let sign_ins = &services.sign_ins;
    Ok(sign_ins
        .supersede_session(&session, &signed_in.sign_in.id)
        .await?)
}

/// What a handler wrote into the session is kept whatever its answer was (T11). An answer that streams may write until
/// its end, and is kept then; if that fails, it breaks off, for its status is long gone (T15, SE-17).
async fn save(session: Option<Session>, response: Response) -> Response {
    let Some(session) = session else {
        return response;
    };
    if let Err(error) = save_modified(&session).await {
        return error.into_response();
    }
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    let last = async move { save_modified(&session).await.err() };
    response.map(|body| {
        let failure = stream::once(last).filter_map(|failure| ready(failure.map(Err)));
        let parts = body.into_data_stream();
        Body::from_stream(parts.chain(failure.map_err(axum::Error::new)))
    })
}

/// A session without an id ended while the request was on its way, and what was written into it ends with it.
async fn save_modified(session: &Session) -> Result<(), AppError> {
    if session.is_modified() && session.id().is_some() {
        session.save().await?;
    }
    Ok(())
}

async fn guard_page(request: Request, next: Next) -> Response {
    let has_failed = request
        .extensions()
        .get::<FirstRender>()
        .is_some_and(|first| first.failure.is_some());
    if has_failed || !is_for_others(&request) {
        return next.run(request).await;
    }
    let uri = request.uri();
    let asked_for = uri.path_and_query().map_or("/", |all| all.as_str());
    let next = utf8_percent_encode(asked_for, NON_ALPHANUMERIC);
    let mut response = Redirect::to(&format!("/sign-in?next={next}")).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, forms::NO_STORE);
    response
}

/// Whether this is a page that is not for whoever asks.
fn is_for_others(request: &Request) -> bool {
    let extensions = request.extensions();
    let line = extensions.get::<&'static Line>();
    line.is_some_and(|line| line.kind == Kind::Page && line.access != Access::Public)
        && page_needs_sign_in(extensions.get().unwrap_or(&Identity::Anonymous))
}

/// A browser that loads a page asks for HTML; a script that calls a server function does not.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
