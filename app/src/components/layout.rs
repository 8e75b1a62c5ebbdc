//! What stands around every page: the navigation, and trouble that is not any form's.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::auth::viewer::{Viewer, use_viewer};
use crate::components::refusal::Refusal;
use crate::components::sign_out::SignOutButton;
use crate::components::signed_in::Ended;

#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <Ended />
        <header class="bar">
            <nav aria-label="Main">
                <A href="/" attr:class="brand">
                    "Twofold"
                </A>
                <div class="links">
                    <Links />
                </div>
            </nav>
        </header>
        <main>
            {move || {
                viewer
                    .trouble()
                    .map(|error| view! { <Refusal error /> })
            }} {children()}
        </main>
    }
}

/// The same width for everybody until the viewer is known, so that nothing jumps.
#[component]
fn Links() -> impl IntoView {
    let viewer = use_viewer();
    move || match viewer.get() {
        Viewer::Unknown => ().into_any(),
        Viewer::Anonymous => view! {
            <A href="/sign-in">"Sign in"</A>
            <A href="/sign-up" attr:class="button">
                "Sign up"
            </A>
        }
        .into_any(),
        Viewer::User(profile) => view! {
            <A href="/account" attr:class="address">
                {profile.email}
            </A>
            <SignOutButton />
        }
        .into_any(),
    }
}
