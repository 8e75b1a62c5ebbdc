//! `/account/password`: another password. For signed-in people only.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use super::strength::Strength;
use crate::api::password::ChangePassword;
use crate::components::fields::PasswordChangeFields;
use crate::components::form::{Form, Submission};
use crate::components::signed_in::SignedIn;
use crate::components::submit::Submit;
use crate::components::until_done::UntilDone;

chunk!(PasswordRoute, PasswordPage);

#[component]
pub fn PasswordPage() -> impl IntoView {
    view! {
        <Title text="Change your password" />
        <section class="card">
            <h1>"Change your password"</h1>
            <SignedIn>
                <PasswordForm />
                <p class="aside">
                    <A href="/account/security">"Back to Security"</A>
                </p>
            </SignedIn>
        </section>
    }
}

#[component]
fn PasswordForm() -> impl IntoView {
    let submission = Submission::to::<ChangePassword>();
    let is_changed = Memo::new(move |_| submission.answer() == Some(Ok(())));
    let error = submission.refusal();
    let typed = RwSignal::new(String::new());
    view! {
        <UntilDone
            is_done=is_changed
            sentence="Your password is changed. Every other sign-in has ended."
        >
            <p>"You stay signed in here. Everywhere else you will have to sign in again."</p>
            <Form submission>
                // Without scripts, this is where it shows that it worked.
                <input type="hidden" name="next" value="/account/security" />
                <PasswordChangeFields typed error>
                    <Strength typed />
                </PasswordChangeFields>
                <Submit label="Change password" is_pending=submission.is_pending() />
            </Form>
        </UntilDone>
    }
}
