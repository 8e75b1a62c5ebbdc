//! What token mode left in this browser's storage. The server cannot see the refresh cookie when it renders a page, and so
//! the entry of the access token is what tells that there may be a sign-in to take over. The token itself is not used.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::task::spawn_local;

use crate::api::refresh::{Exchange, exchange};
use crate::auth::jwt::ATTEMPT_HEADER;
use crate::auth::jwt::storage::{ATTEMPT_KEY, KEY, forget};
use crate::auth::next::next_in;
use crate::auth::viewer::{CurrentViewer, Viewer, load};
use crate::error::AppError;

/// Stands where the token was once it has been exchanged, until a page has come for the person. A browser that does not keep
/// the new cookie is asked no second time. A page of token mode that is still open takes it for garbage, and renews.
const EXCHANGED: &str = "exchanged";

/// Exchanges the proof of token mode if there may be one, and loads the page afresh for the person. For everybody else this
/// is a look into storage.
pub(super) fn take_over(viewer: CurrentViewer) {
    let Some(token) = entry(KEY) else {
        return;
    };
    match viewer.get_untracked() {
        Viewer::Anonymous if token != EXCHANGED => {}
        // Why there is no page is a failure that says nothing about the person.
        Viewer::Unknown => return,
        _ => return forget(),
    }
    viewer.set(Viewer::Unknown);
    spawn_local(async move {
        match exchange().await {
            Ok(_) => go_on(),
            Err(AppError::SignedOut) => {
                forget();
                viewer.set(Viewer::Anonymous);
            }
            // Nothing is known about a server that cannot answer, and nothing is forgotten.
            Err(error) => viewer.report(error),
        }
    });
}

/// Names the renewal whose answer was lost, if there was one: its successor is what is exchanged then.
pub(super) fn name_attempt(request: &BrowserRequest) {
    if request.url().ends_with(Exchange::PATH)
        && let Some(name) = entry(ATTEMPT_KEY)
    {
        request
            .headers()
            .set(ATTEMPT_HEADER, name.trim_matches('"'));
    }
}

fn go_on() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(KEY, EXCHANGED);
    }
    let location = window().location();
    match location.search().ok().and_then(|search| next_in(&search)) {
        Some(next) => load(&next),
        None => {
            let _ = location.reload();
        }
    }
}

fn entry(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}
