//! The HTML document around the app, and the policy under which its scripts run.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::auth::MODE;
use crate::server::services::{rendered_chunks, services, set_header};

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
        set_policy(nonce.as_inner());
    }
    let start = format!(
        "import('{script}').then(app => app.default({{ module_or_path: '{wasm}' }}).then(() => app.hydrate()))",
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

/// Only our own scripts run, and only those this very answer names (OWASP CSP cheat sheet). What an attacker manages
/// to put into a page stays text: the answer to XSS, the token's weakness.
fn set_policy(nonce: &str) {
    let live_reload = if services().settings.live_reload {
        " ws:"
    } else {
        ""
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'{live_reload}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        set_header(CONTENT_SECURITY_POLICY, policy);
    }
}
