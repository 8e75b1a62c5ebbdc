//! The button that ends a sign-in. A form, so that it works without scripts and never by following a link (SE-07).

use leptos::prelude::*;

use crate::api::sign_out::SignOut;
use crate::auth;
use crate::auth::viewer::use_viewer;
use crate::components::form::{Form, Submission};

#[component]
pub fn SignOutButton() -> impl IntoView {
    let viewer = use_viewer();
    let submission = Submission::to::<SignOut>();
    Effect::new(move |_| {
        if let Some(outcome) = submission.answer() {
            auth::forget(viewer, outcome);
        }
    });
    view! {
        <Form submission>
            <input type="hidden" name="next" value="/" />
            <button type="submit" class="quiet">
                "Sign out"
            </button>
        </Form>
    }
}
