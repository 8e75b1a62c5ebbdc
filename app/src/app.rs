//! The route table, and nothing else.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{Lazy, SsrMode, path};

use crate::auth::viewer::provide_first_render;
use crate::components::layout::Layout;
use crate::components::page_life::PageLife;
use crate::pages::account::AccountRoute;
use crate::pages::devices::DevicesRoute;
use crate::pages::failure::FailurePage;
use crate::pages::home::HomeRoute;
use crate::pages::not_found::NotFoundPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::sign_up::SignUpPage;

/// Pages at or below these paths are for signed-in people: nothing of them is rendered for anybody else.
const GUARDED: &[&str] = &["/account"];

/// Whether the page at `path` is for signed-in people only.
pub fn is_guarded(path: &str) -> bool {
    GUARDED.iter().any(|guarded| {
        path.strip_prefix(guarded)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[component]
pub fn App(
    /// Whether the browser has taken over the whole page; never on the server.
    #[prop(optional)]
    is_hydrated: ArcRwSignal<bool>,
) -> impl IntoView {
    provide_meta_context();
    let first = provide_first_render();
    view! {
        <Title formatter=|title| format!("{title} · Twofold") />
        <PageLife is_hydrated />
        <Router>
            <Layout>
                {match first.failure {
                    Some(error) => view! { <FailurePage error /> }.into_any(),
                    None => view! { <PageRoutes /> }.into_any(),
                }}
            </Layout>
        </Router>
    }
}

#[component]
fn PageRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view={Lazy::<HomeRoute>::new()} />
            <Route path=path!("/sign-up") view=SignUpPage />
            <Route path=path!("/sign-in") view=SignInPage />
            <Route path=path!("/account") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/account/devices") view={Lazy::<DevicesRoute>::new()} ssr=SsrMode::Async />
        </FlatRoutes>
    }
}

#[cfg(test)]
mod tests {
    use super::is_guarded;

    #[test]
    fn a_guarded_path_guards_what_is_below_it_and_not_its_namesakes() {
        assert!(is_guarded("/account"));
        assert!(is_guarded("/account/devices"));
        assert!(!is_guarded("/accounting"));
        assert!(!is_guarded("/"));
    }
}
