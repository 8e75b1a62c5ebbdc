//! What a person is told of a refusal: the sentence, and the reference by which the operator finds out more in the log.

use leptos::prelude::*;

use crate::auth::viewer::reference;
use crate::error::AppError;

#[component]
pub fn Refusal(error: AppError) -> impl IntoView {
    view! {
        <p class="notice" role="alert">
            {error.to_string()}
        </p>
        <Reference />
    }
}

/// Of the latest refusal, which has just happened. It is no part of the sentence: nobody wants it read out.
#[component]
pub fn Reference() -> impl IntoView {
    reference().map(|id| view! { <p class="reference">"Reference: " {id}</p> })
}
