//! What pages read in their address, and what those that sign in do with the answer to their form.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::auth::Grant;
use crate::auth::next::next_in;
use crate::auth::viewer::{use_form_failure, use_viewer};
use crate::domain::path::LocalPath;
use crate::error::AppError;

/// Where to go after signing in: the `next` parameter if it is a path of this origin, or the account page.
pub(super) fn use_next() -> Memo<LocalPath> {
    let search = use_location().search;
    Memo::new(move |_| {
        search
            .with(|search| next_in(search))
            .unwrap_or_else(|| LocalPath::parse_or_home("/account"))
    })
}

/// Whether the address of the page has this word under this name.
pub(super) fn use_word(name: &'static str, word: &'static str) -> Memo<bool> {
    let search = use_location().search;
    Memo::new(move |_| {
        search.with(|search| {
            let pairs = search.trim_start_matches('?').split('&');
            pairs
                .filter_map(|pair| pair.split_once('='))
                .any(|pair| pair == (name, word))
        })
    })
}

/// Accepts the grant in a good answer and goes on to `next`; gives what to tell the user about a bad one.
pub(super) fn use_arrival(
    endpoint: &'static str,
    answer: impl Fn() -> Option<Result<Grant, AppError>> + Copy + Send + Sync + 'static,
    next: Memo<LocalPath>,
) -> Signal<Option<AppError>> {
    let (viewer, navigate) = (use_viewer(), use_navigate());
    let from_plain_form = use_form_failure(endpoint);
    let not_kept = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(Ok(grant)) = answer() else {
            return;
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            let go = |path: &LocalPath| navigate(path.as_str(), NavigateOptions::default());
            let result = grant.accept(viewer, go, &next.get_untracked()).await;
            not_kept.set(result.err());
        });
    });
    Signal::derive(move || match answer() {
        None => from_plain_form.clone(),
        Some(Ok(_)) => not_kept.get(),
        Some(Err(error)) => Some(error),
    })
}
