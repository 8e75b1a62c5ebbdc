//! What token mode left in this browser's storage. The server cannot see the refresh cookie when it renders a page, and so
//! the entry of the access token is what tells that there may be a sign-in to take over, and which. The token itself is not sent.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::refresh::exchange;
use crate::auth::jwt::attempt::attempted;
use crate::auth::jwt::storage::{KEY, forget, mark, now, sign_in_id, text_of};
use crate::auth::next::next_in;
use crate::auth::viewer::{CurrentViewer, Viewer, load};
use crate::error::AppError;

/// Stands where the token was once it has been exchanged, with the time. A page of token mode that is still open takes it for
/// garbage, and renews.
const EXCHANGED: &str = "exchanged ";

/// In milliseconds: how long a tab may be on its way with a page that was rendered before another tab's exchange.
const RECENT: u64 = 60_000;

/// Exchanges the proof of token mode if there may be one, and loads the page afresh for the person. For everybody else this
/// is a look into storage.
pub(super) fn take_over(viewer: CurrentViewer) {
    let Some(entry) = text_of(KEY) else {
        return;
    };
    let exchanged_at = entry.strip_prefix(EXCHANGED);
    let is_recent = exchanged_at.is_some_and(|at| at.parse().is_ok_and(is_recent));
    match viewer.get_untracked() {
        // Why there is no page is a failure that says nothing about the person.
        Viewer::Unknown => {}
        Viewer::Anonymous if exchanged_at.is_none() => ask(viewer),
        // Another tab was quicker. A browser that keeps no cookies must not load the page for ever.
        Viewer::Anonymous if is_recent && is_first_time(&entry) => go_on(),
        // Whoever signed in meanwhile stays who they are; what is left of the time before is done with.
        Viewer::User(_) if exchanged_at.is_none() => spawn_local(async {
            if exchange(String::new()).await.is_ok() {
                mark_exchanged();
            }
        }),
        // Tabs that are still on their way need it.
        Viewer::User(_) if is_recent => {}
        _ => forget(),
    }
}

fn ask(viewer: CurrentViewer) {
    viewer.set(Viewer::Unknown);
    spawn_local(async move {
        let sid = sign_in_id().unwrap_or_default();
        match attempted(async || exchange(sid.clone()).await).await {
            Ok(_) => {
                mark_exchanged();
                go_on();
            }
            Err(AppError::SignedOut) => {
                forget();
                viewer.set(Viewer::Anonymous);
            }
            // Nothing is known about a server that cannot answer, and nothing is forgotten.
            Err(error) => viewer.report(error),
        }
    });
}

fn go_on() {
    let location = window().location();
    match location.search().ok().and_then(|search| next_in(&search)) {
        Some(next) => load(&next),
        None => {
            let _ = location.reload();
        }
    }
}

/// Whether this tab has not been loaded afresh for this very exchange; from now on it has.
fn is_first_time(mark: &str) -> bool {
    let Ok(Some(tab)) = window().session_storage() else {
        return false;
    };
    let is_first = tab.get_item(KEY).ok().flatten().as_deref() != Some(mark);
    is_first && tab.set_item(KEY, mark).is_ok()
}

fn mark_exchanged() {
    mark(&format!("{EXCHANGED}{}", now()));
}

fn is_recent(at: u64) -> bool {
    now().saturating_sub(at) < RECENT
}
