//! `/sign-up`: makes an account and signs its owner in, or sends the mail that confirms the address first.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::arrival::{use_arrival, use_next};
use super::strength::Strength;
use crate::api::sign_up::SignUp;
use crate::auth::viewer::confirms_addresses;
use crate::components::fields::{CredentialFields, new_password_hint};
use crate::components::form::{Form, Submission};
use crate::components::submit::Submit;

/// Where an address is confirmed.
const CONFIRM_PAGE: &str = "/verify-email";

#[component]
pub fn SignUpPage() -> impl IntoView {
    let submission = Submission::to::<SignUp>();
    let next = use_next();
    let typed = RwSignal::new(String::new());
    let grant = move || submission.answer().and_then(Result::transpose);
    let error = use_arrival(SignUp::PATH, grant, next);
    let confirms = confirms_addresses();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if submission.answer() == Some(Ok(None)) {
            navigate(CONFIRM_PAGE, NavigateOptions::default());
        }
    });
    // Without scripts, the form itself leads on.
    let next = move || {
        if confirms {
            return CONFIRM_PAGE.to_owned();
        }
        next.get().as_str().to_owned()
    };
    view! {
        <Title text="Sign up" />
        <section class="card">
            <h1>"Sign up"</h1>
            <Form submission>
                <input type="hidden" name="next" value=next />
                <CredentialFields
                    password_autocomplete="new-password"
                    password_hint=new_password_hint()
                    typed
                    error
                    signs_in=!confirms
                >
                    <Strength typed />
                </CredentialFields>
                <Submit label="Sign up" is_pending=submission.is_pending() />
            </Form>
            <p class="aside">"You have an account? " <A href="/sign-in">"Sign in instead"</A></p>
        </section>
    }
}
