//! Under which policy the scripts of a page run: what the browser is told, and the one way in which text may become markup.

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderName, HeaderValue};

use crate::server::csp_reports;
use crate::server::services::{services, set_header};

/// Where `report-to` sends, by name (Reporting API).
const REPORTING_ENDPOINTS: HeaderName = HeaderName::from_static("reporting-endpoints");

/// Runs before the app. Under `require-trusted-types-for` no text becomes markup or code, whoever asks; but Leptos makes
/// the parts of a view that never change from a text of its own, once, in a `<template>` (for SVG, a `<g>`) that is not yet in
/// the page (tachys `renderer/dom.rs`). So those two take text while they are outside the page, if it is markup that cannot
/// act: no element that loads or runs something, no handler, no style, no address but a path, a fragment or http(s). The
/// policy cannot be reached from anywhere else, and no second one can be made.
///
/// The text goes into an inline script: `</script` and `<!--` must not stand in it.
pub(super) const TRUSTED_TYPES: &str = concat!(
    r#"if(self.trustedTypes){const inert=/^(?:[^<]|<!>|<\/?"#,
    r#"(?!(?:animate\w*|base|embed|foreignobject|i?frame|link|math|meta|object|script|set|style|template|use)[ \/>])[a-z][\w-]*"#,
    r#"(?: (?:(?:href|src|action)="(?:[\/?#]|https?:)[^"<]*"|(?!on|href|src|action|formaction|style|xlink)[a-z][\w:-]*(?:="[^"<]*")?))*"#,
    r#"\/?>)*$/i,"#,
    r#"policy=trustedTypes.createPolicy('twofold',{createHTML:html=>{if(inert.test(html))return html;throw TypeError('not inert: '+html)}}),"#,
    r#"plain=Object.getOwnPropertyDescriptor(Element.prototype,'innerHTML');"#,
    r#"for(const kind of [HTMLTemplateElement,SVGGElement])Object.defineProperty(kind.prototype,'innerHTML',{...plain,"#,
    r#"set(html){plain.set.call(this,this.isConnected?html:policy.createHTML(html))}})}"#,
);

/// Only our own scripts run, and only those this very answer names (OWASP CSP cheat sheet, FE-02). What an attacker manages
/// to put into a page stays text: the answer to XSS, the token's weakness.
pub(super) fn announce(nonce: &str) {
    let settings = &services().settings;
    let live_reload = if settings.live_reload { " ws:" } else { "" };
    // Browsers send reports to a named endpoint over TLS only, and then do not look at `report-uri`.
    let is_secure = settings.origin.starts_with("https://");
    let report_to = if is_secure { "; report-to csp" } else { "" };
    let reports = csp_reports::PATH;
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self'; font-src 'self'; connect-src 'self'{live_reload}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types twofold; \
         report-uri {reports}{report_to}"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        set_header(CONTENT_SECURITY_POLICY, policy);
    }
    if is_secure && let Ok(endpoint) = HeaderValue::from_str(&format!("csp=\"{reports}\"")) {
        set_header(REPORTING_ENDPOINTS, endpoint);
    }
}
