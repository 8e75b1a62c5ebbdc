//! The server's half of the product: what may be done (`accounts`, `sign_ins`), with what (`store`, `password_hash`,
//! `keys`), what happens without being asked (`purge`), how a request gets there (`forms`, `answers`, `services`, `guard`),
//! and what programs ask for (`json_api`).

pub mod accounts;
pub mod answers;
pub mod caller;
pub mod client_address;
pub mod clock;
pub mod cookies;
pub mod device;
pub mod forms;
pub mod guard;
pub mod json_api;
pub mod keys;
pub mod known_device;
pub mod password_hash;
pub mod password_policy;
pub mod purge;
pub mod secret;
pub mod services;
pub mod settings;
pub mod sign_ins;
pub mod store;
pub mod throttle;
pub mod user_agent;
