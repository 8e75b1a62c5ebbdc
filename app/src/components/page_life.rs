//! What a page does when it wakes up and when it is put aside: it tells when it is ready, asks who is looking, and
//! shows nothing private when the browser brings it back from its cache (FE-14).

use leptos::ev;
use leptos::prelude::*;

use crate::auth;
use crate::auth::viewer::{Viewer, use_viewer};

#[component]
pub fn PageLife(is_hydrated: ArcRwSignal<bool>) -> impl IntoView {
    let viewer = use_viewer();
    Effect::new(move |_| {
        // Whoever learns earlier who is looking changes a page that is still being compared with the server's.
        if !is_hydrated.get() {
            return;
        }
        auth::follow(viewer);
        if let Some(root) = document().document_element() {
            // Hydration is over; tests and style sheets can tell.
            let _ = root.set_attribute("data-hydrated", "");
        }
        let put_aside = window_event_listener(ev::pagehide, move |_| viewer.set(Viewer::Unknown));
        let brought_back = window_event_listener(ev::pageshow, |event| {
            if event.persisted() {
                let _ = window().location().reload();
            }
        });
        on_cleanup(move || {
            put_aside.remove();
            brought_back.remove();
        });
    });
}
