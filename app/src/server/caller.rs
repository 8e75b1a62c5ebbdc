//! Who sent a request, as far as that can be told before anybody is identified: for the audit events.

use axum::http::request::Parts;

use super::device::Device;

/// The client behind a request, and the id under which the log tells of it.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub device: Device,
    pub request_id: String,
}

impl Caller {
    pub fn of(parts: &Parts) -> Self {
        let request_id = parts.headers.get("x-request-id");
        let request_id = request_id.and_then(|id| id.to_str().ok());
        Self {
            device: Device::of(parts),
            request_id: request_id.unwrap_or_default().to_owned(),
        }
    }
}
