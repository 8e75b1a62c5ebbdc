//! `/.well-known/jwks.json`: the public halves of the keys, for others that verify our tokens (RFC 7517 §5).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::ring::KeyRing;

/// Shorter than a key is published before it signs, so that no cache lacks the key of a token; see [`super`].
const CACHE: &str = "public, max-age=10";

pub async fn serve(State(keys): State<Arc<KeyRing>>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json"),
        (CACHE_CONTROL, CACHE),
    ];
    (headers, keys.current().jwks().to_string()).into_response()
}
