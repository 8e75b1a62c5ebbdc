//! A form that gives way to a sentence once it has done what it is for.

use leptos::html::P;
use leptos::prelude::*;

/// The focus goes to the sentence, because the button that had it is gone.
#[component]
pub fn UntilDone(
    #[prop(into)] is_done: Signal<bool>,
    sentence: &'static str,
    /// What stands there until then.
    children: ChildrenFn,
) -> impl IntoView {
    let status = NodeRef::<P>::new();
    Effect::new(move |_| {
        if is_done.get()
            && let Some(status) = status.get()
        {
            let _ = status.focus();
        }
    });
    view! {
        <p role="status" tabindex="-1" node_ref=status>
            {move || is_done.get().then_some(sentence)}
        </p>
        <Show when=move || !is_done.get()>{children()}</Show>
    }
}
