//! What the server saw of the client at the sign-in, for the person to recognise it by later.

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use super::client_address::ClientAddress;

/// A browser's own words about itself are cut here; nothing is decided by them.
const LONGEST_USER_AGENT: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct Device {
    pub user_agent: String,
    /// The client's address, without its port.
    pub address: String,
}

impl Device {
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self {
            user_agent: user_agent.chars().take(LONGEST_USER_AGENT).collect(),
            address: ClientAddress::found_in(parts).to_string(),
        }
    }
}
