//! The stories: what people and programs do with the running server, from outside. Each is written once and runs in
//! both modes; one that makes sense in one mode only says so, with its reason, in its first line.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on should stop, and its support is for this crate alone"
)]

mod support;

mod answers;
mod api_document;
mod api_problems;
mod api_refresh;
mod api_sign_ins;
mod api_token;
mod audit_events;
mod bad_input;
mod bearer_tokens;
mod both_proofs;
mod cookies;
mod database_server;
mod devices;
mod ending_sign_ins;
mod exchange;
mod exchange_copies;
mod exchange_names;
mod exchange_refusals;
mod forms_without_scripts;
mod guarded_pages;
mod identity_cache;
mod identity_of_the_ended;
mod key_rotation;
mod keys_command;
mod lifetimes;
mod most_sign_ins;
mod odd_requests;
mod other_node;
mod purge;
mod refresh_tokens;
mod same_origin;
mod session_data;
mod session_flow;
mod sign_in;
mod sign_out;
mod sign_up;
mod slow_writers;
mod start_and_stop;
mod storage_of_secrets;
mod token_flow;
mod token_forgery;
mod token_garbage;
mod token_keys;
mod unavailable_database;
mod verify_jws;
