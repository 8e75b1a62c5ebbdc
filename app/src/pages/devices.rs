//! `/account/devices`: where a person is signed in, and the buttons that end it. For signed-in people only.

use leptos::html::P;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use crate::api::sign_ins::{EndAllSignIns, EndOtherSignIns, EndSignIn, SignInView, sign_ins};
use crate::auth;
use crate::auth::viewer::{use_form_failure, use_viewer};
use crate::components::form::{Form, Submission};
use crate::components::refusal::Refusal;
use crate::components::sign_out::SignOutButton;
use crate::components::signed_in::SignedIn;
use crate::error::AppError;
use crate::json::JsonText;

/// Where the forms lead that are sent without scripts.
const HERE: &str = "/account/devices";

/// The delay of `Policy::Recent`, the longest there is, in words.
const WHEN: &str = "Ending a sign-in takes effect within a second.";

chunk!(DevicesRoute, DevicesPage);

#[component]
pub fn DevicesPage() -> impl IntoView {
    view! {
        <Title text="Your devices" />
        <section class="card wide">
            <h1>"Your devices"</h1>
            <SignedIn>
                <Devices />
                <p class="aside">
                    <A href="/account">"Back to your account"</A>
                    " · "
                    <A href="/account/security">"Security"</A>
                </p>
            </SignedIn>
        </section>
    }
}

#[component]
fn Devices() -> impl IntoView {
    let list = Resource::<_, JsonText>::new_with_options(|| (), |()| sign_ins(), true);
    let from_plain_form = [EndSignIn::PATH, EndOtherSignIns::PATH, EndAllSignIns::PATH]
        .into_iter()
        .find_map(use_form_failure);
    view! {
        <p>"This is where you are signed in. " {WHEN}</p>
        <Failure error=Signal::stored(from_plain_form) />
        <Suspense fallback=|| {
            view! { <p class="waiting">"Loading your devices…"</p> }
        }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) => view! { <DeviceList list /> }.into_any(),
                    Err(error) => view! { <Failure error=Signal::stored(Some(error)) /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn DeviceList(list: Vec<SignInView>) -> impl IntoView {
    let end_others = Submission::to::<EndOtherSignIns>();
    let others_ended = Signal::derive(move || end_others.answer() == Some(Ok(())));
    view! {
        <ul class="devices" role="list">
            {list
                .into_iter()
                .map(|sign_in| view! { <Device sign_in others_ended /> })
                .collect_view()}
        </ul>
        <div class="actions">
            <Form submission=end_others>
                <input type="hidden" name="next" value=HERE />
                <EndButton label="End all others" is_pending=end_others.is_pending() />
            </Form>
            <EndAll />
        </div>
        <p role="status">
            {move || others_ended.get().then_some("All other sign-ins have ended.")}
        </p>
        <Failure error=Signal::derive(move || end_others.error()) />
    }
}

#[component]
fn Device(sign_in: SignInView, others_ended: Signal<bool>) -> impl IntoView {
    let about = format!("End {}, since {}", sign_in.device, sign_in.since);
    view! {
        <li>
            <h2>
                {sign_in.device}
                {sign_in.is_this_device.then(|| view! { <span class="badge">"This device"</span> })}
            </h2>
            <dl>
                <Fact term="Signed in with" is=sign_in.kind.in_words() />
                <Fact term="Address" is=sign_in.address />
                <Fact term="Since" is=sign_in.since />
                <Fact term="Last seen" is=sign_in.last_seen />
            </dl>
            {if sign_in.is_this_device {
                view! { <SignOutButton /> }.into_any()
            } else {
                view! { <EndOne id=sign_in.id about others_ended /> }.into_any()
            }}
        </li>
    }
}

#[component]
fn Fact(term: &'static str, #[prop(into)] is: String) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{is}</dd>
        </div>
    }
}

/// Ends one sign-in and says so in its place. The focus goes to that sentence, because the button that had it is gone.
#[component]
fn EndOne(id: String, about: String, others_ended: Signal<bool>) -> impl IntoView {
    let submission = Submission::to::<EndSignIn>();
    let was_ended_here = Memo::new(move |_| submission.answer() == Some(Ok(())));
    let is_ended = move || was_ended_here.get() || others_ended.get();
    let sentence = NodeRef::<P>::new();
    Effect::new(move |_| {
        if was_ended_here.get()
            && let Some(sentence) = sentence.get()
        {
            let _ = sentence.focus();
        }
    });
    view! {
        <div class="end">
            <p role="status" tabindex="-1" node_ref=sentence>
                {move || is_ended().then_some("Ended")}
            </p>
            <div hidden=is_ended>
                <Form submission>
                    <input type="hidden" name="next" value=HERE />
                    <input type="hidden" name="id" value=id />
                    <EndButton label="End" about is_pending=submission.is_pending() />
                </Form>
            </div>
            <Failure error=Signal::derive(move || submission.error()) />
        </div>
    }
}

/// Ends every sign-in, also this one: what follows is what follows a sign-out.
#[component]
fn EndAll() -> impl IntoView {
    let viewer = use_viewer();
    let submission = Submission::to::<EndAllSignIns>();
    Effect::new(move |_| {
        if submission.answer() == Some(Ok(())) {
            auth::forget(viewer, Ok(()));
        }
    });
    view! {
        <Form submission>
            <input type="hidden" name="next" value="/" />
            <EndButton label="End all, also this one" is_pending=submission.is_pending() />
        </Form>
        <Failure error=Signal::derive(move || submission.error()) />
    }
}

/// It is not disabled while it waits: that would take the focus from it, and a second click does no harm.
#[component]
fn EndButton(
    label: &'static str,
    /// Which one it ends, for those who do not see what it stands beside; begins with the label.
    #[prop(optional, into)]
    about: Option<String>,
    #[prop(into)] is_pending: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="quiet"
            aria-label=about
            aria-busy=move || is_pending.get().then_some("true")
        >
            {label}
        </button>
    }
}

#[component]
fn Failure(error: Signal<Option<AppError>>) -> impl IntoView {
    move || error.get().map(|error| view! { <Refusal error /> })
}
