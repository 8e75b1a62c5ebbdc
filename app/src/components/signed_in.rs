//! The gate in front of what only a signed-in person may see. It is no authorization: every server function behind it
//! asks for itself.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::auth::viewer::{Viewer, use_viewer};
use crate::error::AppError;

const SIGN_IN: &str = "/sign-in";

/// Renders its children for a signed-in person, waits while that is not known, and sends everybody else to sign in.
#[component]
pub fn SignedIn(children: ChildrenFn) -> impl IntoView {
    let viewer = use_viewer();
    let go_to_sign_in = use_way_to(SIGN_IN);
    Effect::new(move |_| {
        if viewer.get() == Viewer::Anonymous {
            go_to_sign_in();
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

/// Where the page showed somebody and their sign-in has ended meanwhile, whichever page it is: on to the sign-in page.
/// The sentence why is the page's trouble, which `Layout` shows.
#[component]
pub fn Ended() -> impl IntoView {
    let viewer = use_viewer();
    let go_to_sign_in = use_way_to(SIGN_IN);
    Effect::new(move |showed_somebody: Option<bool>| {
        let now = viewer.get();
        let has_ended = viewer.trouble() == Some(AppError::InvalidToken);
        if showed_somebody == Some(true) && now == Viewer::Anonymous && has_ended {
            go_to_sign_in();
        }
        matches!(now, Viewer::User(_))
    });
}

/// Leads to a page that asks for something, and from there back to where the person is now. Whoever is there already stays.
pub fn use_way_to(page: &'static str) -> impl Fn() {
    let (location, navigate) = (use_location(), use_navigate());
    move || {
        let here = location.pathname.get_untracked();
        if here == page {
            return;
        }
        let next = leptos_router::location::Url::escape(&here);
        let options = NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        };
        navigate(&format!("{page}?next={next}"), options);
    }
}
