//! `/reset-password`: a new password for whoever has opened the link in a mail.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::arrival::use_word;
use super::chunk::chunk;
use super::strength::Strength;
use crate::api::reset::{LinkView, ResetPassword, reset_link};
use crate::auth::viewer::use_form_failure;
use crate::components::fields::NewPasswordField;
use crate::components::form::{Form, Submission};
use crate::components::refusal::Refusal;
use crate::components::submit::Submit;
use crate::components::until_done::UntilDone;
use crate::error::AppError;
use crate::json::JsonText;

/// The same whether there is such an account or not (EN-04).
pub(super) const ON_ITS_WAY: &str = "If there is an account with this address, a link is on its way to it. Open it to set a new password: it works once, for half an hour.";

chunk!(ResetPasswordRoute, ResetPasswordPage);

#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let link = Resource::<_, JsonText>::new_with_options(|| (), |()| reset_link(), true);
    let is_dead = use_word("link", "dead");
    let refused = use_form_failure(ResetPassword::PATH);
    view! {
        <Title text="Set a new password" />
        <section class="card">
            <h1>"Set a new password"</h1>
            <Suspense fallback=|| {
                view! { <p class="waiting">"Looking at the link…"</p> }
            }>
                {move || {
                    let refused = refused.clone();
                    Suspend::new(async move {
                        match (link.await, refused) {
                            (Ok(LinkView::Dead), _) => {
                                view! { <Refusal error=AppError::DeadLink /> }.into_any()
                            }
                            (Ok(_), _) if is_dead.get_untracked() => {
                                view! { <Refusal error=AppError::DeadLink /> }.into_any()
                            }
                            (Ok(LinkView::For(email)), _) => view! { <ResetForm email /> }.into_any(),
                            (Ok(LinkView::NotOpened), Some(error)) | (Err(error), _) => {
                                view! { <Refusal error /> }.into_any()
                            }
                            (Ok(LinkView::NotOpened), None) => view! { <p>{ON_ITS_WAY}</p> }.into_any(),
                        }
                    })
                }}
            </Suspense>
            <p class="aside">
                <A href="/sign-in">"Sign in"</A>
                " · "
                <A href="/forgot-password">"Send another link"</A>
            </p>
        </section>
    }
}

#[component]
fn ResetForm(email: String) -> impl IntoView {
    let submission = Submission::to::<ResetPassword>();
    let is_set = Memo::new(move |_| submission.answer() == Some(Ok(())));
    let error = submission.refusal();
    let typed = RwSignal::new(String::new());
    let email = StoredValue::new(email);
    view! {
        <UntilDone
            is_done=is_set
            sentence="Your new password is set, and every sign-in has ended. Sign in with it."
        >
            <p>"For " {email.get_value()}</p>
            <Form submission>
                // Without scripts, it leads on at once.
                <input type="hidden" name="next" value="/sign-in" />
                // Another link may be opened in this browser meanwhile.
                <input type="hidden" name="email" value=email.get_value() />
                <NewPasswordField typed error>
                    <Strength typed />
                </NewPasswordField>
                <Submit label="Set password" is_pending=submission.is_pending() />
            </Form>
        </UntilDone>
    }
}
