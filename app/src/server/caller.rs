//! Who sent a request, as far as that can be told before anybody is identified: for the audit events.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::audit::Factor;
use super::device::Device;

/// The client behind a request, and the id under which the log tells of it.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub device: Device,
    pub request_id: String,
    /// What the request shows as a proof, whether it is one or not.
    pub shows: Factor,
}

/// The id that the server gave a request. Its answer has the same, in the same header, whatever it says: the log and the audit
/// trail tell more about a refusal than whoever was refused may know.
pub fn request_id(headers: &HeaderMap) -> &str {
    let id = headers.get("x-request-id");
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

impl Caller {
    pub fn of(parts: &Parts) -> Self {
        Self {
            device: Device::of(parts),
            request_id: request_id(&parts.headers).to_owned(),
            shows: if parts.headers.contains_key(AUTHORIZATION) {
                Factor::AccessToken
            } else {
                Factor::Session
            },
        }
    }

    /// The same, where the request is known to show something else.
    #[must_use]
    pub fn showing(self, shows: Factor) -> Self {
        Self { shows, ..self }
    }
}
