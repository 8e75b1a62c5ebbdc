//! `/forgot-password`: asks for a link to set a new password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use crate::api::reset::AskForReset;
use crate::auth::viewer::sends_mail;
use crate::components::fields::EmailField;
use crate::components::form::{Form, Submission};
use crate::components::submit::Submit;
use crate::components::until_done::UntilDone;
use crate::error::AppError;

chunk!(ForgotPasswordRoute, ForgotPasswordPage);

#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    view! {
        <Title text="Forgot your password" />
        <section class="card">
            <h1>"Forgot your password?"</h1>
            {if sends_mail() {
                view! { <AskForm /> }.into_any()
            } else {
                view! { <p>{AppError::NoMail.to_string()}</p> }.into_any()
            }}
            <p class="aside">
                <A href="/sign-in">"Back to Sign in"</A>
            </p>
        </section>
    }
}

#[component]
fn AskForm() -> impl IntoView {
    let submission = Submission::to::<AskForReset>();
    let is_asked = Memo::new(move |_| submission.answer() == Some(Ok(())));
    let error = submission.refusal();
    view! {
        <UntilDone is_done=is_asked sentence=super::reset_password::ON_ITS_WAY>
            <p>"We send you a link by which you can set a new one."</p>
            <Form submission>
                // Without scripts, this is where it shows that it worked.
                <input type="hidden" name="next" value="/reset-password" />
                <EmailField error />
                <Submit label="Send the link" is_pending=submission.is_pending() />
            </Form>
        </UntilDone>
    }
}
