//! What the sign-in and sign-up pages do with the answer to their form.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use percent_encoding::percent_decode_str;

use crate::auth::Grant;
use crate::auth::viewer::{use_form_failure, use_viewer};
use crate::components::form::Submission;
use crate::domain::path::LocalPath;
use crate::error::AppError;

/// Where to go after signing in: the `next` parameter if it is a path of this origin, or the account page.
///
/// The query is read here because the router decodes it twice, and `%252F%252F` must not become `//` (FE-09).
pub(super) fn use_next() -> Memo<LocalPath> {
    let search = use_location().search;
    Memo::new(move |_| {
        search
            .with(|search| next_in(search))
            .unwrap_or_else(|| LocalPath::parse_or_home("/account"))
    })
}

fn next_in(search: &str) -> Option<LocalPath> {
    let value = search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("next="))?;
    LocalPath::parse(&percent_decode_str(value).decode_utf8().ok()?)
}

/// Accepts the grant in a good answer and goes on to `next`; gives what to tell the user about a bad one.
pub(super) fn use_arrival(
    endpoint: &'static str,
    submission: Submission<Grant>,
    next: Memo<LocalPath>,
) -> Signal<Option<AppError>> {
    let (viewer, navigate) = (use_viewer(), use_navigate());
    let from_plain_form = use_form_failure(endpoint);
    let not_kept = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(Ok(grant)) = submission.answer() else {
            return;
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            let go = |path: &LocalPath| navigate(path.as_str(), NavigateOptions::default());
            let result = grant.accept(viewer, go, &next.get_untracked()).await;
            not_kept.set(result.err());
        });
    });
    Signal::derive(move || match submission.answer() {
        None => from_plain_form.clone(),
        Some(Ok(_)) => not_kept.get(),
        Some(Err(error)) => Some(error),
    })
}

#[cfg(test)]
mod tests {
    use super::next_in;

    #[test]
    fn next_is_decoded_once() {
        let next = |search| next_in(search).map(|path| path.as_str().to_owned());

        assert_eq!(
            next("?next=%2Faccount%3Fx%3Da%2520b").as_deref(),
            Some("/account?x=a%20b")
        );
        assert_eq!(
            next("a=b&next=%2F%252Fevil.example").as_deref(),
            Some("/%2Fevil.example")
        );
        assert_eq!(next("next=%2F%2Fevil.example"), None);
        assert_eq!(next("a=b"), None);
    }
}
