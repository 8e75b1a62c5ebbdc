//! `/account`: what a person sees of their own account. For signed-in people only.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use crate::api::account::{AccountView, account};
use crate::components::refusal::Refusal;
use crate::components::signed_in::SignedIn;
use crate::json::JsonText;

chunk!(AccountRoute, AccountPage);

#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Title text="Your account" />
        <section class="card wide">
            <h1>"Your account"</h1>
            <SignedIn>
                <AccountDetails />
                <p class="aside">
                    <A href="/account/devices">"Your devices"</A>
                    " · "
                    <A href="/account/security">"Security"</A>
                </p>
            </SignedIn>
        </section>
    }
}

#[component]
fn AccountDetails() -> impl IntoView {
    let details = Resource::<_, JsonText>::new_with_options(|| (), |()| account(), true);
    view! {
        <Suspense fallback=|| {
            view! { <p class="waiting">"Loading your account…"</p> }
        }>
            {move || Suspend::new(async move {
                match details.await {
                    Ok(account) => view! { <Facts account /> }.into_any(),
                    Err(error) => view! { <Refusal error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Facts(account: AccountView) -> impl IntoView {
    view! {
        <dl class="facts">
            <div>
                <dt>"Email"</dt>
                <dd>{account.email}</dd>
            </div>
            <div>
                <dt>"Member since"</dt>
                <dd>{account.member_since}</dd>
            </div>
            <div>
                <dt>"Signed in with"</dt>
                <dd>{account.signed_in_with.in_words()} ", since " {account.signed_in_since}</dd>
            </div>
        </dl>
    }
}
