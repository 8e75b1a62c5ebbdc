//! The HTML document around the app, and the policy under which its scripts run.

mod policy;

use std::collections::HashMap;
use std::sync::Arc;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use self::policy::TRUSTED_TYPES;
use crate::app::App;
use crate::auth::MODE;
use crate::server::services::rendered_chunks;

/// The addresses of the compiled files; they hold a hash of the content, so that they can be cached for ever.
#[derive(Clone, Debug)]
pub struct Assets {
    pub script: String,
    pub wasm: String,
    pub style: String,
    /// The chunks of a split build by the name of what is in them.
    pub chunks: HashMap<String, Vec<String>>,
}

pub fn shell(options: LeptosOptions, assets: Arc<Assets>) -> impl IntoView {
    let nonce = use_nonce();
    if let Some(nonce) = &nonce {
        policy::announce(nonce.as_inner());
    }
    let start = format!(
        "{TRUSTED_TYPES}import('{script}').then(app => app.default({{ module_or_path: '{wasm}' }}).then(() => app.hydrate()))",
        script = assets.script,
        wasm = assets.wasm,
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=assets.style.clone() />
                // Leptos' own hydration scripts copy the nonce into these links, where a style sheet can read it (T19).
                <link rel="modulepreload" href=assets.script.clone() />
                <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <script type="module" nonce=nonce>
                    {start}
                </script>
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
                <Chunks assets=Arc::clone(&assets) />
                {(!MODE.takes_plain_forms())
                    .then(|| {
                        view! {
                            <noscript>
                                "Signing up and signing in need JavaScript and WebAssembly here: this server keeps people signed in with a token that a script holds. Turn them on and reload the page."
                            </noscript>
                        }
                    })}
            </body>
        </html>
    }
}

/// Has the chunks of this page fetched together with the app; it comes after the app, because rendering the app is what
/// tells which they are. Leptos' own way would copy the nonce into these links (T19).
#[component]
fn Chunks(assets: Arc<Assets>) -> impl IntoView {
    move || {
        rendered_chunks()
            .into_iter()
            .flat_map(|name| assets.chunks.get(name).cloned().unwrap_or_default())
            .map(|href| {
                view! { <link rel="preload" href=href r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
            })
            .collect_view()
    }
}
