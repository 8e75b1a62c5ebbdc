//! The browser's key (DPoP, RFC 9449): made once, kept in IndexedDB, and never seen by any script, which can only sign with it.
//! A token that is bound to it is worth nothing where it is not. A browser that makes or keeps no key has plain tokens.

mod key;

use std::cell::RefCell;
use std::rc::Rc;

use http::Method;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::browser::BrowserResponse;

use self::key::{Key, base64url, digest};
use super::attempt::random_name;
use crate::auth::viewer::first_nonce;

/// The header of a proof, and the one that brings what the next proof has to have in it.
pub(in crate::auth) const PROOF_HEADER: &str = "DPoP";
pub(in crate::auth) const NONCE_HEADER: &str = "DPoP-Nonce";

thread_local! {
    /// What the server gave last; nothing where it binds no tokens.
    static NONCE: RefCell<Option<String>> = const { RefCell::new(None) };
    static KEY: RefCell<Option<Rc<Key>>> = const { RefCell::new(None) };
    /// The last token and its hash: the same for five minutes.
    static HASHED: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
}

/// Begins with the nonce that the page came with.
pub(super) fn begin() {
    NONCE.set(first_nonce());
}

/// Adds the token, and what proves that it is this browser's.
pub(super) async fn show(request: &BrowserRequest, token: Option<&str>) {
    let proof = prove(request, token).await;
    let headers = request.headers();
    if let Some(token) = token {
        let scheme = if proof.is_some() { "DPoP" } else { "Bearer" };
        headers.set("Authorization", &format!("{scheme} {token}"));
    }
    if let Some(proof) = proof {
        headers.set(PROOF_HEADER, &proof);
    }
}

/// Keeps the nonce of an answer for the next proof.
pub(super) fn note(response: &BrowserResponse) {
    let headers = response.generate_headers();
    if let Some(nonce) = headers
        .get(NONCE_HEADER)
        .and_then(|nonce| nonce.to_str().ok())
    {
        NONCE.set(Some(nonce.to_owned()));
    }
}

/// Nothing where there is no key, or no nonce because the server wants no proof.
async fn prove(request: &BrowserRequest, token: Option<&str>) -> Option<String> {
    let nonce = NONCE.with_borrow(Clone::clone)?;
    let key = key().await?;
    let hash = match token {
        Some(token) => format!(r#","ath":"{}""#, hashed(token).await?),
        None => String::new(),
    };
    let address = request.url();
    let address = address.split(['?', '#']).next()?;
    let claims = format!(
        r#"{{"jti":"{id}","htm":"{method}","htu":"{address}","iat":{now},"nonce":"{nonce}"{hash}}}"#,
        id = random_name()?,
        method = Method::POST,
        now = super::storage::now() / 1000,
    );
    let message = format!("{}.{}", key.header, base64url(claims.as_bytes())?);
    let signature = key.sign(message.as_bytes()).await?;
    Some(format!("{message}.{}", base64url(&signature)?))
}

async fn key() -> Option<Rc<Key>> {
    if let Some(key) = KEY.with_borrow(Clone::clone) {
        return Some(key);
    }
    let key = Rc::new(Key::find_or_make().await.ok()?);
    KEY.set(Some(Rc::clone(&key)));
    Some(key)
}

async fn hashed(token: &str) -> Option<String> {
    let known = HASHED.with_borrow(|(of, hash)| (of == token).then(|| hash.clone()));
    if known.is_some() {
        return known;
    }
    let hash = base64url(&digest(token).await.ok()?)?;
    HASHED.set((token.to_owned(), hash.clone()));
    Some(hash)
}
