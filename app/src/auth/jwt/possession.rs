//! The browser's key (DPoP, RFC 9449): made once, kept in IndexedDB, and never seen by any script, which can only sign with it.
//! A token that is bound to it is worth nothing where it is not. A browser that makes or keeps no key has plain tokens.

mod key;

use std::cell::RefCell;
use std::rc::Rc;

use http::Method;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::request::browser::{BrowserRequest, Request};
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;

use self::key::{Key, base64url, digest};
use super::attempt::random_name;
use crate::auth::transport::pass_on;
use crate::auth::viewer::first_nonce;

/// The header of a proof, and the one that brings what the next proof has to have in it.
pub(in crate::auth) const PROOF_HEADER: &str = "DPoP";
pub(in crate::auth) const NONCE_HEADER: &str = "DPoP-Nonce";

thread_local! {
    /// What the server gave last; nothing from one that binds no tokens. It may do so again before this page is closed.
    static NONCE: RefCell<String> = const { RefCell::new(String::new()) };
    static KEY: RefCell<Option<Rc<Key>>> = const { RefCell::new(None) };
    /// The last token and its hash: the same for five minutes.
    static HASHED: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
}

/// Begins with the nonce that the page came with.
pub(in crate::auth) fn begin() {
    NONCE.set(first_nonce().unwrap_or_default());
}

/// Sends a call with its token, if it has one, and with a proof of this browser's key. Where the proof was too old, because the
/// page was open for a while, once more with the nonce that the server gives.
pub(in crate::auth) async fn send<E: FromServerFnError>(
    mut request: BrowserRequest,
    token: Option<&str>,
) -> Result<BrowserResponse, E> {
    let again = copy::<E>(&mut request)?;
    show(&request, token).await;
    let response = pass_on(request).await?;
    note(&response);
    if !refuses::<E>(&response, "use_dpop_nonce") {
        return Ok(response);
    }
    show(&again, token).await;
    let response = pass_on(again).await?;
    note(&response);
    Ok(response)
}

/// Adds the token, and what proves that it is this browser's.
async fn show(request: &BrowserRequest, token: Option<&str>) {
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
fn note(response: &BrowserResponse) {
    let headers = response.generate_headers();
    if let Some(nonce) = headers
        .get(NONCE_HEADER)
        .and_then(|nonce| nonce.to_str().ok())
    {
        NONCE.set(nonce.to_owned());
    }
}

/// Nothing where there is no key. A server that binds no tokens does not look at it; one that does, and gave no nonce yet,
/// gives one with its refusal.
async fn prove(request: &BrowserRequest, token: Option<&str>) -> Option<String> {
    let nonce = NONCE.with_borrow(Clone::clone);
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

/// RFC 6750 §3.1, RFC 9449 §7.1: only such a challenge means that another token or proof would help; a wrong password is a
/// 401 as well.
pub(super) fn refuses<E: FromServerFnError>(response: &BrowserResponse, error: &str) -> bool {
    ClientRes::<E>::status(response) == 401
        && response
            .generate_headers()
            .get("www-authenticate")
            .and_then(|challenge| challenge.to_str().ok())
            .is_some_and(|challenge| challenge.contains(error))
}

/// A second request with the same content, because a request can be sent only once.
pub(super) fn copy<E: FromServerFnError>(
    request: &mut BrowserRequest,
) -> Result<BrowserRequest, E> {
    let failed = || E::from_server_fn_error(ServerFnErrorErr::Request("copy".to_owned()));
    let blank = Request::get("/").build().map_err(|_| failed())?;
    let original = web_sys::Request::from(std::mem::replace(&mut **request, blank));
    let twin = original.clone().map_err(|_| failed())?;
    **request = Request::from(original);
    let mut second: BrowserRequest =
        ClientReq::<E>::try_new_req_text("/", "", "", String::new(), Method::POST)?;
    *second = Request::from(twin);
    Ok(second)
}
