//! How strong a new password is, in words and as a meter, while it is typed: advice, and never a reason to refuse. The
//! password is looked at in the browser alone. The estimator and its dictionaries are a chunk of their own.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chunk::chunk;

/// Whoever still types is left alone, and a screen reader is not told every letter.
const PAUSE: Duration = Duration::from_millis(300);

/// From 1, what anybody would guess, to 5.
const STRONGEST: u8 = 5;

#[derive(Clone)]
struct Estimate {
    strength: u8,
    words: String,
}

/// Nothing before something was typed, and nothing where the estimator cannot be loaded.
#[component]
pub fn Strength(typed: RwSignal<String>) -> impl IntoView {
    let estimated = RwSignal::new(None::<Estimate>);
    Effect::new(move |_| {
        let password = typed.get();
        if password.is_empty() {
            estimated.set(None);
        } else {
            set_timeout(move || consider(password, typed, estimated), PAUSE);
        }
    });
    view! {
        <div class="strength" role="status">
            {move || estimated.get().map(|estimate| view! { <Meter estimate /> })}
        </div>
    }
}

/// Estimates `password` if it is still what stands in the field.
fn consider(password: String, typed: RwSignal<String>, estimated: RwSignal<Option<Estimate>>) {
    // Both signals are gone once the page is left.
    let is_still_typed =
        move |password: &str| typed.try_with_untracked(|now| now == password) == Some(true);
    if !is_still_typed(&password) {
        return;
    }
    spawn_local(async move {
        let estimate = estimate(password.clone()).await.ok();
        if is_still_typed(&password) {
            estimated.set(estimate);
        }
    });
}

#[component]
fn Meter(estimate: Estimate) -> impl IntoView {
    view! {
        <meter
            aria-hidden="true"
            max=STRONGEST
            low="3"
            high="4"
            optimum=STRONGEST
            value=estimate.strength
        ></meter>
        <p>{estimate.words}</p>
    }
}

chunk! {
    fn estimate(password: String) -> Estimate {
        let entropy = zxcvbn::zxcvbn(&password, &["twofold"]);
        let score = u8::from(entropy.score());
        let level = ["Very weak", "Weak", "Fair", "Good", "Strong"][usize::from(score)];
        // What is wrong says more than all that could be better.
        let words = match entropy.feedback().map(|feedback| (feedback.warning(), feedback)) {
            None => format!("{level}."),
            Some((Some(warning), _)) => format!("{level}: {warning}"),
            Some((None, feedback)) => format!("{level}: {feedback}"),
        };
        Estimate { strength: score + 1, words }
    }
}
