//! `/account/security`: what happened around a person's account. For signed-in people only.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use super::chunk::chunk;
use crate::api::events::{EventView, events};
use crate::components::refusal::Refusal;
use crate::components::signed_in::SignedIn;
use crate::json::JsonText;

chunk!(SecurityRoute, SecurityPage);

#[component]
pub fn SecurityPage() -> impl IntoView {
    view! {
        <Title text="Security" />
        <section class="card wide">
            <h1>"Security"</h1>
            <SignedIn>
                <Events />
                <p class="aside">
                    <A href="/account">"Back to your account"</A>
                    " · "
                    <A href="/account/devices">"Your devices"</A>
                    " · "
                    <A href="/account/password">"Change your password"</A>
                </p>
            </SignedIn>
        </section>
    }
}

#[component]
fn Events() -> impl IntoView {
    let list = Resource::<_, JsonText>::new_with_options(|| (), |()| events(), true);
    view! {
        <p>
            "The last 25 things that were done around your account and the last 25 that were refused, the newest first. If one was not you, end the sign-ins you do not know under Your devices."
        </p>
        <Suspense fallback=|| {
            view! { <p class="waiting">"Loading the events…"</p> }
        }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) => {
                        view! {
                            <ol class="events" role="list">
                                {list
                                    .into_iter()
                                    .map(|event| view! { <Event event /> })
                                    .collect_view()}
                            </ol>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <Refusal error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Event(event: EventView) -> impl IntoView {
    view! {
        <li>
            <h2>
                {event.what}
                {event.is_refused.then(|| view! { <span class="badge">"Refused"</span> })}
            </h2>
            <p>
                {event.when} <br /> {event.device}
                {(!event.address.is_empty()).then(|| format!(", from {}", event.address))}
            </p>
        </li>
    }
}
