//! The button of a form that signs somebody in or up.

use leptos::prelude::*;

use crate::auth::MODE;

/// Waits for the scripts where the form cannot do without them, so that nothing typed is lost to a click that came
/// too early.
#[component]
pub fn Submit(label: &'static str, #[prop(into)] is_pending: Signal<bool>) -> impl IntoView {
    let is_ready = RwSignal::new(MODE.takes_plain_forms());
    Effect::new(move |_| is_ready.set(true));
    view! {
        <button
            type="submit"
            class="button"
            disabled=move || !is_ready.get() || is_pending.get()
            aria-busy=move || is_pending.get().then_some("true")
        >
            {label}
        </button>
    }
}
