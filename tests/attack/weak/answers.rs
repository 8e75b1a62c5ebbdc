//! What the weak server says: everything, to everybody.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::asking::Asking;
use crate::forge::encode;
use crate::support::elsewhere::once;

type Answer = Response<Body>;

fn of(status: u16, content_type: &'static str, body: String) -> Answer {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

pub fn done(body: &Value) -> Answer {
    of(200, "application/json", body.to_string())
}

pub fn refused(status: u16, why: &str) -> Answer {
    of(
        status,
        "application/json",
        json!({"error": why}).to_string(),
    )
}

pub fn nonce_first() -> Answer {
    let mut response = refused(400, "use_dpop_nonce");
    let nonce = HeaderValue::from_static("always-the-same");
    response.headers_mut().insert("dpop-nonce", nonce);
    response
}

/// A token without a signature worth the name, bound to a key if there is one.
pub fn token(sub: &str, asking: &Asking) -> String {
    let mut claims = json!({
        "iss": "https://weak.example", "aud": "twofold", "sub": sub, "sid": "s", "jti": "j", "iat": 0, "exp": 9,
    });
    if asking.proof_nonce().is_some() {
        claims["cnf"] = json!({"jkt": "never looked at"});
    }
    let header = json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "weak"});
    let parts = [
        header.to_string(),
        claims.to_string(),
        "signature".to_owned(),
    ];
    parts.map(encode).join(".")
}

pub fn tokens(asking: &Asking, email: &str) -> Answer {
    done(
        &json!({"access_token": token(email, asking), "refresh_token": "always-the-same", "token_type": "Bearer"}),
    )
}

/// A page that repeats whatever the address says, and where it was asked for.
pub fn page(asking: &Asking) -> Answer {
    let next = asking.field("next").unwrap_or_default();
    let said: Vec<_> = asking
        .fields()
        .map(|text| {
            format!(
                "{text} {}",
                String::from_utf8_lossy(&crate::forge::decode(text))
            )
        })
        .collect();
    let names = ["host", "x-forwarded-host", "forwarded"];
    let names: Vec<_> = names
        .iter()
        .filter_map(|name| asking.header(name))
        .collect();
    let who = asking
        .who()
        .unwrap_or_else(|| "whoever@weak.example".to_owned());
    let file = asking.path.ends_with("passwd");
    let file = if file { "root:x:0:0:root:/root" } else { "" };
    let body = format!(
        "{file}<!doctype html><p>{who} on {names:?}<p>{said:?}<script src=\"/pkg/twofold.js\"></script>\
         <form action=\"/api/sign_in\"><input name=\"next\" value=\"{next}\"></form>"
    );
    of(200, "text/html", body)
}

/// To wherever it says, with line breaks and all, else to whence it came with the failure in the address.
pub fn redirect(asking: &Asking) -> Answer {
    let mut response = of(303, "text/html", String::new());
    let referer = asking.header("referer").unwrap_or_default();
    let to = asking
        .field("next")
        .unwrap_or(format!("{referer}?__err={}", once("Error: wrong password")));
    let mut lines = to.split(['\r', '\n']);
    let location = lines.next().unwrap_or_default();
    if let Some(location) = text(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), text(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// What the lab's browser can read.
fn text(value: &str) -> Option<HeaderValue> {
    value
        .is_ascii()
        .then(|| HeaderValue::from_str(value).ok())?
}

pub fn with_cookie(mut response: Answer, pair: &str) -> Answer {
    let cookie = format!("{pair}; Path=/; Domain=weak.example");
    if let Some(cookie) = text(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Whoever asks may read the answer, and learns who answers.
pub fn allow_everybody(asking: &Asking, response: &mut Answer) {
    let origin = asking.header("origin").unwrap_or_else(|| "*".to_owned());
    if let Ok(origin) = HeaderValue::from_str(&origin) {
        response
            .headers_mut()
            .insert("access-control-allow-origin", origin);
    }
    response
        .headers_mut()
        .insert("server", HeaderValue::from_static("Weak/0.1"));
}

pub fn keys() -> Value {
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": "AAAA", "d": "AAAA"}]})
}

pub fn document() -> Value {
    let guarded = json!({"security": [{"bearer": []}]});
    json!({"openapi": "3.1.0", "paths": {"/api/v1/me": {"get": guarded}, "/api/v1/sign-ins": {"delete": guarded}}})
}
