//! The server functions: what the browser may ask for. Each parses, calls one use case and maps the result.

pub mod account;
pub mod confirm;
pub mod events;
pub mod password;
pub mod refresh;
pub mod reset;
pub mod sign_in;
pub mod sign_ins;
pub mod sign_out;
pub mod sign_up;
pub mod verify;
pub mod viewer;
