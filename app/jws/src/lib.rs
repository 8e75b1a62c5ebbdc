//! Compact JWS (RFC 7515) and its keys, strictly: what a signed token must look like before anybody asks what it says.
//! Knows no HTTP, no disk and no clock, and none of the product's crates, so that fuzzing it compiles in a minute.

pub mod access_token;
pub mod compact;
pub mod dpop;
pub mod json;
pub mod jwk;
pub mod key;
pub mod key_pair;
pub mod key_set;

mod base64url;
mod samples;
