//! `/confirm`: the password once more, before something that a borrowed browser must not do. For signed-in people only.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::arrival::use_next;
use super::chunk::chunk;
use crate::api::confirm::Confirm;
use crate::components::fields::PasswordField;
use crate::components::form::{Form, Submission};
use crate::components::signed_in::SignedIn;
use crate::components::submit::Submit;

chunk!(ConfirmRoute, ConfirmPage);

#[component]
pub fn ConfirmPage() -> impl IntoView {
    view! {
        <Title text="Confirm it's you" />
        <section class="card">
            <h1>"Confirm it's you"</h1>
            <SignedIn>
                <ConfirmForm />
            </SignedIn>
        </section>
    }
}

#[component]
fn ConfirmForm() -> impl IntoView {
    let submission = Submission::to::<Confirm>();
    let (next, navigate) = (use_next(), use_navigate());
    Effect::new(move |_| {
        if submission.answer() == Some(Ok(())) {
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(next.get_untracked().as_str(), options);
        }
    });
    let error = submission.refusal();
    view! {
        <p>"You gave your password a while ago. Give it once more to go on."</p>
        <Form submission>
            <input type="hidden" name="next" value=move || next.get().as_str().to_owned() />
            <PasswordField autocomplete="current-password" error />
            <Submit label="Confirm" is_pending=submission.is_pending() />
        </Form>
    }
}
