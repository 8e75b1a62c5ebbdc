//! Any address without a page; answered with 404.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found" />
        <section class="card">
            <h1>"Page not found"</h1>
            <p>"There is nothing at this address. It may have moved, or the link was mistyped."</p>
            <p>
                <A href="/" attr:class="button">
                    "Go to the start page"
                </A>
            </p>
        </section>
    }
}
