//! A P-256 key of WebCrypto, which can sign and cannot be read, in IndexedDB. Both are asked for by name: where they are
//! missing (an old browser, plain HTTP, a private window) nothing is imported that fails.

use futures::channel::oneshot;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

const DATABASE: &str = "twofold";
const STORE: &str = "keys";
const NAME: &str = "possession";

pub(super) struct Key {
    private: JsValue,
    /// The header of every proof, encoded.
    pub(super) header: String,
}

impl Key {
    /// The key of this browser, the same for all its tabs; makes one where there is none.
    pub(super) async fn find_or_make() -> Result<Self, JsValue> {
        let database = open().await?;
        let mut pair = kept(&database).await?;
        if pair.is_undefined() {
            let made = make().await?;
            // Another tab may have been quicker; then this one is dropped, and theirs is found.
            let _ = settled(&call(
                &store(&database, "readwrite")?,
                "add",
                &[made, NAME.into()],
            )?)
            .await;
            pair = kept(&database).await?;
        }
        call(&database, "close", &[])?;
        Self::of(&pair).await
    }

    async fn of(pair: &JsValue) -> Result<Self, JsValue> {
        let public = get(pair, "publicKey")?;
        let jwk = ask("exportKey", &["jwk".into(), public]).await?;
        let text = |name| get(&jwk, name)?.as_string().ok_or(JsValue::UNDEFINED);
        let header = format!(
            r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}}}"#,
            text("x")?,
            text("y")?,
        );
        Ok(Self {
            private: get(pair, "privateKey")?,
            header: base64url(header.as_bytes()).ok_or(JsValue::UNDEFINED)?,
        })
    }

    pub(super) async fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let algorithm = object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())]);
        let message = Uint8Array::from(message).into();
        let signature = ask("sign", &[algorithm, self.private.clone(), message]).await;
        Some(Uint8Array::new(&signature.ok()?).to_vec())
    }
}

pub(super) async fn digest(text: &str) -> Result<Vec<u8>, JsValue> {
    let bytes = Uint8Array::from(text.as_bytes()).into();
    let digest = ask("digest", &["SHA-256".into(), bytes]).await?;
    Ok(Uint8Array::new(&digest).to_vec())
}

pub(super) fn base64url(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let text = window().btoa(&text).ok()?;
    Some(text.replace('+', "-").replace('/', "_").replace('=', ""))
}

async fn make() -> Result<JsValue, JsValue> {
    let algorithm = object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())]);
    let uses = Array::of1(&"sign".into()).into();
    ask("generateKey", &[algorithm, JsValue::FALSE, uses]).await
}

async fn open() -> Result<JsValue, JsValue> {
    let request = call(&get(&window(), "indexedDB")?, "open", &[DATABASE.into()])?;
    let asked = request.clone();
    let make_store = Closure::once_into_js(move || {
        let _ =
            get(&asked, "result").and_then(|it| call(&it, "createObjectStore", &[STORE.into()]));
    });
    Reflect::set(&request, &"onupgradeneeded".into(), &make_store)?;
    settled(&request).await
}

async fn kept(database: &JsValue) -> Result<JsValue, JsValue> {
    settled(&call(&store(database, "readonly")?, "get", &[NAME.into()])?).await
}

fn store(database: &JsValue, mode: &str) -> Result<JsValue, JsValue> {
    let transaction = call(database, "transaction", &[STORE.into(), mode.into()])?;
    call(&transaction, "objectStore", &[STORE.into()])
}

/// What a request to IndexedDB comes to.
async fn settled(request: &JsValue) -> Result<JsValue, JsValue> {
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    let over = Closure::<dyn FnMut()>::new(move || {
        if let Some(tell) = tell.take() {
            let _ = tell.send(());
        }
    });
    for event in ["onsuccess", "onerror", "onblocked"] {
        Reflect::set(request, &event.into(), over.as_ref())?;
    }
    let _ = told.await;
    get(request, "result")
}

/// Calls a method of `crypto.subtle` and waits for it.
async fn ask(method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let subtle = get(&get(&window(), "crypto")?, "subtle")?;
    let promise: Promise = call(&subtle, method, arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &name.into())
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(object, method)?.dyn_into()?;
    method.apply(object, &arguments.iter().collect::<Array>())
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
