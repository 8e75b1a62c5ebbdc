//! `/sign-up`: makes an account and signs its owner in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::arrival::{use_arrival, use_next};
use super::strength::Strength;
use crate::api::sign_up::SignUp;
use crate::components::fields::{CredentialFields, new_password_hint};
use crate::components::form::{Form, Submission};
use crate::components::submit::Submit;

#[component]
pub fn SignUpPage() -> impl IntoView {
    let submission = Submission::to::<SignUp>();
    let next = use_next();
    let typed = RwSignal::new(String::new());
    let error = use_arrival(SignUp::PATH, submission, next);
    view! {
        <Title text="Sign up" />
        <section class="card">
            <h1>"Sign up"</h1>
            <Form submission>
                <input type="hidden" name="next" value=move || next.get().as_str().to_owned() />
                <CredentialFields
                    password_autocomplete="new-password"
                    password_hint=new_password_hint()
                    typed
                    error
                >
                    <Strength typed />
                </CredentialFields>
                <Submit label="Sign up" is_pending=submission.is_pending() />
            </Form>
            <p class="aside">"You have an account? " <A href="/sign-in">"Sign in instead"</A></p>
        </section>
    }
}
