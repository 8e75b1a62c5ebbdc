//! `/sign-in`: email and password, and back to where the person was going.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::arrival::{use_arrival, use_next};
use crate::api::sign_in::SignIn;
use crate::auth::viewer::sends_mail;
use crate::components::fields::CredentialFields;
use crate::components::form::{Form, Submission};
use crate::components::submit::Submit;

#[component]
pub fn SignInPage() -> impl IntoView {
    let submission = Submission::to::<SignIn>();
    let next = use_next();
    let error = use_arrival(SignIn::PATH, move || submission.answer(), next);
    view! {
        <Title text="Sign in" />
        <section class="card">
            <h1>"Sign in"</h1>
            <Form submission>
                <input type="hidden" name="next" value=move || next.get().as_str().to_owned() />
                <CredentialFields password_autocomplete="current-password" error />
                <Submit label="Sign in" is_pending=submission.is_pending() />
            </Form>
            {sends_mail()
                .then(|| {
                    view! {
                        <p class="aside">
                            <A href="/forgot-password">"Forgot your password?"</A>
                        </p>
                    }
                })}
            <p class="aside">"New here? " <A href="/sign-up">"Create an account"</A></p>
        </section>
    }
}
