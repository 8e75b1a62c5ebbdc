//! The route table, and nothing else. Whom a page is for is in `server/access.rs`.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{Lazy, SsrMode, path};

use crate::auth::viewer::provide_first_render;
use crate::components::layout::Layout;
use crate::components::page_life::PageLife;
use crate::pages::account::AccountRoute;
use crate::pages::confirm::ConfirmRoute;
use crate::pages::devices::DevicesRoute;
use crate::pages::failure::FailurePage;
use crate::pages::forgot_password::ForgotPasswordRoute;
use crate::pages::home::HomeRoute;
use crate::pages::not_found::NotFoundPage;
use crate::pages::password::PasswordRoute;
use crate::pages::reset_password::ResetPasswordRoute;
use crate::pages::security::SecurityRoute;
use crate::pages::sign_in::SignInPage;
use crate::pages::sign_up::SignUpPage;
use crate::pages::verify_email::VerifyEmailRoute;

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
            <Route path=path!("/forgot-password") view={Lazy::<ForgotPasswordRoute>::new()} />
            <Route path=path!("/reset-password") view={Lazy::<ResetPasswordRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/verify-email") view={Lazy::<VerifyEmailRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/account") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/account/devices") view={Lazy::<DevicesRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/account/password") view={Lazy::<PasswordRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/account/security") view={Lazy::<SecurityRoute>::new()} ssr=SsrMode::Async />
            <Route path=path!("/confirm") view={Lazy::<ConfirmRoute>::new()} ssr=SsrMode::Async />
        </FlatRoutes>
    }
}
