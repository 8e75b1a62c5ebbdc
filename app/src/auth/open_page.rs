//! A page that stays open notices that its sign-in has ended: when the person comes back to it, and when a call is refused.
//! The same in both modes.

use std::cell::Cell;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::viewer::CurrentViewer;
use crate::api::viewer::ask_viewer;
use crate::error::AppError;

thread_local! {
    /// The page's viewer, for the transport to report to; a browser page has one thread.
    static FOLLOWED: Cell<Option<CurrentViewer>> = const { Cell::new(None) };
    static IS_ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Asks who is looking whenever the person comes back to the page: its window takes the focus, or its tab is shown.
pub(super) fn watch(viewer: CurrentViewer) {
    FOLLOWED.set(Some(viewer));
    let focused = window_event_listener(ev::focus, |_| ask_again());
    let shown = window_event_listener_untyped("visibilitychange", |_| {
        if !document().hidden() {
            ask_again();
        }
    });
    on_cleanup(move || {
        focused.remove();
        shown.remove();
    });
}

/// The viewer of the page, once it is watched.
pub(super) fn followed() -> Option<CurrentViewer> {
    FOLLOWED.get()
}

/// Asks who is looking now, one question at a time. A page that shows nobody has nothing to lose and does not ask.
pub(super) fn ask_again() {
    let Some(viewer) = followed().filter(|viewer| viewer.shows_somebody()) else {
        return;
    };
    if IS_ASKING.replace(true) {
        return;
    }
    spawn_local(async move {
        match ask_viewer().await {
            Ok(found) => viewer.notice(found),
            Err(AppError::InvalidToken) => viewer.end(),
            // Whoever cannot be asked for the moment has said nothing.
            Err(_) => {}
        }
        IS_ASKING.set(false);
    });
}
