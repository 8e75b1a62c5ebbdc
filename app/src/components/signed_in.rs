//! The gate in front of what only a signed-in person may see. It is no authorization: every server function behind it
//! asks for itself.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::auth::viewer::{Viewer, use_viewer};

/// Renders its children for a signed-in person, waits while that is not known, and sends everybody else to sign in.
#[component]
pub fn SignedIn(children: ChildrenFn) -> impl IntoView {
    let viewer = use_viewer();
    let location = use_location();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if viewer.get() == Viewer::Anonymous {
            let next = leptos_router::location::Url::escape(&location.pathname.get_untracked());
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(&format!("/sign-in?next={next}"), options);
        }
    });
    let is_somebody = Memo::new(move |_| matches!(viewer.get(), Viewer::User(_)));
    move || {
        if is_somebody.get() {
            children().into_any()
        } else {
            view! {
                <p class="waiting" role="status">
                    "Checking whether you are signed in…"
                </p>
            }
            .into_any()
        }
    }
}
