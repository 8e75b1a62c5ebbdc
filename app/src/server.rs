//! The server's half of the product: who may ask for what (`access`), what may be done (`accounts`, `sign_ins`), with what (`store`, `password_hash`,
//! `keys`), what happens without being asked (`purge`, `mail`), how a request gets there (`forms`, `answers`, `services`, `guard`),
//! what programs ask for (`json_api`), and what browsers tell (`csp_reports`).

pub mod access;
pub mod accounts;
pub mod answers;
pub mod audit;
pub mod batches;
pub mod breaches;
pub mod caller;
pub mod causes;
pub mod client_address;
pub mod clock;
pub mod cookies;
pub mod csp_reports;
pub mod device;
pub mod forms;
pub mod guard;
pub mod http_client;
pub mod json_api;
pub mod keys;
pub mod known_device;
pub mod link_cookie;
pub mod mail;
pub mod password_hash;
pub mod password_policy;
pub mod proofs;
pub mod purge;
pub mod secret;
pub mod services;
pub mod settings;
pub mod sign_ins;
pub mod store;
pub mod throttle;
pub mod user_agent;
