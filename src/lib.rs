//! The executable's library: `hydrate` for the browser, `server` for `main` and the tests. Wiring only.

#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    use app::app::App;
    use leptos::prelude::{ArcRwSignal, Set, document, view};
    use leptos::server_fn::redirect::set_redirect_hook;

    console_error_panic_hook::set_once();
    // No answer says where to go: every server function's page knows that. Leptos would follow one that did to any address,
    // and does so from the router on unless somebody was quicker (T06, FE-10).
    let _ = set_redirect_hook(|_| {});
    let Some(body) = document().body() else {
        return;
    };
    let is_hydrated = ArcRwSignal::new(false);
    let app = {
        let is_hydrated = is_hydrated.clone();
        || view! { <App is_hydrated /> }
    };
    leptos::mount::hydrate_from_async(body, app).await.forget();
    is_hydrated.set(true);
}
