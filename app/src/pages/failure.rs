//! Shown instead of any page when the request could not be answered; its status is the failure's.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::refusal::Reference;
use crate::error::AppError;

#[component]
pub fn FailurePage(error: AppError) -> impl IntoView {
    view! {
        <Title text="This did not work" />
        <section class="card">
            <h1>"This did not work"</h1>
            <p role="alert">{error.to_string()}</p>
            <Reference />
            <p>
                <a href="" class="button">
                    "Try again"
                </a>
            </p>
        </section>
    }
}
