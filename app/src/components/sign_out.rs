//! The button that ends a sign-in. A form, so that it works without scripts and never by following a link (SE-07).

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::sign_out::SignOut;
use crate::auth;
use crate::auth::viewer::use_viewer;

#[component]
pub fn SignOutButton() -> impl IntoView {
    let viewer = use_viewer();
    let action = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if let Some(outcome) = action.value().get() {
            auth::forget(viewer, outcome);
        }
    });
    view! {
        <ActionForm action>
            <input type="hidden" name="next" value="/" />
            <button type="submit" class="quiet">
                "Sign out"
            </button>
        </ActionForm>
    }
}
