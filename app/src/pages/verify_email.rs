//! `/verify-email`: the password that was chosen, from whoever has opened the link in a mail; or the link once more.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::arrival::{use_arrival, use_next, use_word};
use super::chunk::chunk;
use super::strength::Strength;
use crate::api::reset::LinkView;
use crate::api::verify::{AskToConfirm, ConfirmAddress, ConfirmAddressAnew, address_link};
use crate::auth::viewer::{sends_mail, use_form_failure};
use crate::components::fields::{EmailField, Keep, NewPasswordField, PasswordField};
use crate::components::form::{Form, Submission};
use crate::components::refusal::Refusal;
use crate::components::submit::Submit;
use crate::components::until_done::UntilDone;
use crate::error::AppError;
use crate::json::JsonText;

const ON_ITS_WAY: &str = "If you have just signed up, a mail is on its way to you. Open the link in it to confirm your address: it works once, for a day.";

chunk!(VerifyEmailRoute, VerifyEmailPage);

#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let link = Resource::<_, JsonText>::new_with_options(|| (), |()| address_link(), true);
    let (is_dead, is_anew) = (use_word("link", "dead"), use_word("password", "another"));
    view! {
        <Title text="Confirm your address" />
        <section class="card">
            <h1>"Confirm your address"</h1>
            <Suspense fallback=|| {
                view! { <p class="waiting">"Looking at the link…"</p> }
            }>
                {move || {
                    // Untracked: on the way to the next page, what is here must stay until it is there.
                    let (is_dead, is_anew) = (is_dead.get_untracked(), is_anew.get_untracked());
                    Suspend::new(async move {
                        match link.await {
                            Ok(LinkView::Dead) => view! { <Dead /> }.into_any(),
                            Ok(_) if is_dead => view! { <Dead /> }.into_any(),
                            Ok(LinkView::For(email)) if is_anew => {
                                view! { <ChooseForm email /> }.into_any()
                            }
                            Ok(LinkView::For(email)) => view! { <ConfirmForm email /> }.into_any(),
                            Ok(LinkView::NotOpened) => view! { <OnItsWay /> }.into_any(),
                            Err(error) => view! { <Refusal error /> }.into_any(),
                        }
                    })
                }}
            </Suspense>
            <p class="aside">
                <A href="/sign-in">"Sign in"</A>
                " · "
                <A href="/sign-up">"Sign up"</A>
            </p>
        </section>
    }
}

#[component]
fn Dead() -> impl IntoView {
    view! {
        <Refusal error=AppError::DeadLink />
        <Again />
    }
}

/// Or what went wrong with the form that was here, without scripts, if the link was forgotten meanwhile.
#[component]
fn OnItsWay() -> impl IntoView {
    let refused = use_form_failure(ConfirmAddress::PATH);
    let refused = refused.or_else(|| use_form_failure(ConfirmAddressAnew::PATH));
    view! {
        {match refused {
            Some(error) => view! { <Refusal error /> }.into_any(),
            None => view! { <p>{ON_ITS_WAY}</p> }.into_any(),
        }}
        <Again />
    }
}

#[component]
fn ConfirmForm(email: String) -> impl IntoView {
    let submission = Submission::to::<ConfirmAddress>();
    let next = use_next();
    let error = use_arrival(ConfirmAddress::PATH, move || submission.answer(), next);
    view! {
        <p>"Give the password that you chose for " {email} "."</p>
        <Form submission>
            <input type="hidden" name="next" value=move || next.get().as_str().to_owned() />
            <PasswordField autocomplete="current-password" error />
            <Keep />
            <Submit label="Confirm" is_pending=submission.is_pending() />
        </Form>
        <p class="aside">
            <a href="/verify-email?password=another" rel="external">
                "Choose another password"
            </a>
        </p>
    }
}

/// For whoever does not know the password: somebody else may have signed up with their address.
#[component]
fn ChooseForm(email: String) -> impl IntoView {
    let submission = Submission::to::<ConfirmAddressAnew>();
    let next = use_next();
    let typed = RwSignal::new(String::new());
    let error = use_arrival(ConfirmAddressAnew::PATH, move || submission.answer(), next);
    view! {
        <p>"Choose the password for " {email.clone()} "."</p>
        <Form submission>
            <input type="hidden" name="next" value=move || next.get().as_str().to_owned() />
            // Another link may be opened in this browser meanwhile.
            <input type="hidden" name="email" value=email />
            <NewPasswordField typed error>
                <Strength typed />
            </NewPasswordField>
            <Keep />
            <Submit label="Confirm" is_pending=submission.is_pending() />
        </Form>
    }
}

/// The link once more.
#[component]
fn Again() -> impl IntoView {
    if !sends_mail() {
        return ().into_any();
    }
    let submission = Submission::to::<AskToConfirm>();
    let is_asked = Memo::new(move |_| submission.answer() == Some(Ok(())));
    let error = submission.refusal();
    view! {
        <UntilDone
            is_done=is_asked
            sentence="If somebody signed up with this address, a mail is on its way to it once more."
        >
            <Form submission>
                <input type="hidden" name="next" value="/verify-email" />
                <EmailField error />
                <Submit label="Send it again" is_pending=submission.is_pending() />
            </Form>
        </UntilDone>
    }
    .into_any()
}
