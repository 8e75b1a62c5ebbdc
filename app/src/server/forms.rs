//! What lies between HTTP and a server function: one content type, a size limit, the status of a failure, and forms that
//! are sent without scripts. Leptos would send those back to whatever the `Referer` says, with the error in the URL
//! (T04); here they go to a path of this origin, and the error travels in a cookie that no other site can set.

mod flash;

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::LengthLimitError;
use leptos::prelude::FromServerFnError;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::caller::request_id;
use super::cookies::{CLEAR_SITE_DATA, CookieKind};
use super::link_cookie;
use super::services::Services;
use crate::auth::viewer::FirstRender;
use crate::auth::{CONFIRM_PAGE, MODE, wants_page};
use crate::domain::path::LocalPath;
use crate::error::{AppError, FormFailure};

/// For answers that depend on who asks: no cache may keep them (FE-13).
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// No form of this app comes near; whoever sends more is refused before it is read (AV-04).
pub const MOST_BYTES: usize = 64 * 1024;
/// Nor with the number of its fields.
pub const MOST_FIELDS: usize = 100;

/// The header by which the framework marks the answer of a server function that failed.
const FAILURE_MARK: &str = "serverfnerror";

/// Serves a page or a call to a server function.
pub async fn serve(State(services): State<Services>, request: Request, next: Next) -> Response {
    let mut response = if is_call(&request) {
        call(&services, request, next).await
    } else {
        page(&services, request, next).await
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn is_call(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

async fn call(services: &Services, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !wants_page(request.headers()) {
        return match read(request).await {
            Ok((request, _)) => run(request, next).await.into_response(),
            Err(error) => error.into_response(),
        };
    }
    let endpoint = request.uri().path().to_owned();
    let reference = request_id(request.headers()).to_owned();
    let back = flash::page_of_sender(request.headers(), &services.settings.origin);
    // Whoever cannot be identified must not be answered as a stranger: a sign-out would end nothing.
    let first_render = request.extensions().get::<FirstRender>();
    let unidentified = first_render.and_then(|first| first.failure.clone());
    let error = match (unidentified, read(request).await) {
        (Some(error), _) | (None, Err(error)) => error.logged(),
        (None, Ok(_)) if !MODE.takes_plain_forms() => AppError::ScriptsNeeded.logged(),
        (None, Ok((request, form))) => match run(request, next).await {
            Outcome::Done(response) => return go_on(&form, &response),
            Outcome::Refused(AppError::ConfirmationNeeded, _) => return confirm_first(&back),
            Outcome::Refused(error, _) => error,
        },
    };
    let failure = FormFailure {
        endpoint,
        error,
        reference,
    };
    flash::send_back(&back, &failure, services.settings.cookies)
}

/// What a server function answered: its failure as a value, with the cookies it wants to be set all the same.
enum Outcome {
    Done(Response),
    Refused(AppError, HeaderMap),
}

async fn run(request: Request, next: Next) -> Outcome {
    let response = next.run(request).await;
    if let Some(error) = response.extensions().get::<AppError>() {
        // Refused before the function ran, and logged there.
        return Outcome::Refused(error.clone(), HeaderMap::new());
    }
    if !response.headers().contains_key(FAILURE_MARK) {
        return Outcome::Done(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    Outcome::Refused(AppError::de(body).logged(), parts.headers)
}

impl IntoResponse for Outcome {
    /// The status belongs to the failure (T11, T20); stock Leptos answers every failure with 500.
    fn into_response(self) -> Response {
        match self {
            Self::Done(response) => response,
            Self::Refused(error, headers) => {
                let mut response = error.answer();
                copy_what_browsers_keep(&headers, response.headers_mut());
                response
            }
        }
    }
}

/// The whole body.
///
/// # Errors
/// [`AppError::TooLarge`] above [`MOST_BYTES`] (AV-04), [`AppError::Malformed`] when it breaks off or is no HTTP.
pub async fn read_body(body: Body) -> Result<Bytes, AppError> {
    to_bytes(body, MOST_BYTES).await.map_err(|error| {
        let is_too_large = error
            .source()
            .is_some_and(<dyn Error>::is::<LengthLimitError>);
        if is_too_large {
            AppError::TooLarge
        } else {
            AppError::Malformed
        }
    })
}

/// The request with its body read, and the body. The `Accept` header is replaced, so that the framework answers
/// with a value instead of sending a form back by itself.
async fn read(request: Request) -> Result<(Request, Bytes), AppError> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::POST && !is_form(&parts.headers) {
        return Err(AppError::UnsupportedMediaType);
    }
    let body = read_body(body).await?;
    if has_too_many_fields(&body) {
        return Err(AppError::Malformed);
    }
    parts
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = Request::from_parts(parts, Body::from(body.clone()));
    Ok((request, body))
}

pub fn has_too_many_fields(form: &[u8]) -> bool {
    form.split(|byte| *byte == b'&').count() > MOST_FIELDS
}

/// Server functions take forms and nothing else; `text/plain` in particular is what another site could send (SF-03).
fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| {
            essence
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

/// After a form without scripts succeeded: on to its `next` field, with the cookies that were set.
fn go_on(form: &[u8], response: &Response) -> Response {
    let next = form_urlencoded::parse(form).find(|(name, _)| name == "next");
    let next = next.map_or_else(LocalPath::home, |(_, value)| {
        LocalPath::parse_or_home(&value)
    });
    let mut redirect = Redirect::to(next.as_str()).into_response();
    copy_what_browsers_keep(response.headers(), redirect.headers_mut());
    redirect
}

/// To the page that asks for the password once more, and from there back to the form.
fn confirm_first(back: &LocalPath) -> Response {
    let next = utf8_percent_encode(back.as_str(), NON_ALPHANUMERIC);
    Redirect::to(&format!("{CONFIRM_PAGE}?next={next}")).into_response()
}

/// Cookies that are set or removed, and what is to be dropped.
fn copy_what_browsers_keep(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [header::SET_COOKIE, CLEAR_SITE_DATA] {
        for value in from.get_all(&name) {
            to.append(&name, value.clone());
        }
    }
}

/// The router of the pages would render `/account/`, but with the status of an address without a page.
fn without_trailing_slash(uri: &Uri) -> Option<LocalPath> {
    let path = uri
        .path()
        .strip_suffix('/')
        .filter(|path| !path.is_empty())?;
    match uri.query() {
        Some(query) => LocalPath::parse(&format!("{path}?{query}")),
        None => LocalPath::parse(path),
    }
}

async fn page(services: &Services, mut request: Request, next: Next) -> Response {
    if let Some(clean) = flash::without_forged_error(request.uri()) {
        return Redirect::to(&clean).into_response();
    }
    if let Some(response) = link_cookie::opened(services, request.uri()).await {
        return response;
    }
    if let Some(page) = without_trailing_slash(request.uri()) {
        return Redirect::permanent(page.as_str()).into_response();
    }
    let security = services.settings.cookies;
    let flash = CookieKind::Flash.read(request.headers(), security);
    let Ok(Some(flash)) = flash else {
        return next.run(request).await;
    };
    if let Some(first) = request.extensions_mut().get_mut::<FirstRender>() {
        first.form_failure = flash::parse(&flash);
    }
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .append(header::SET_COOKIE, CookieKind::Flash.remove(security));
    response
}
