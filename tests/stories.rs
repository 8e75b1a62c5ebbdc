//! The stories: what people and programs do with the running server, from outside. Each is written once and runs in
//! both modes; one that makes sense in one mode only says so, with its reason, in its first line.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on should stop, and its support is for this crate alone"
)]

mod support;

mod access;
mod answers;
mod api_document;
mod api_problems;
mod api_refresh;
mod api_sign_ins;
mod api_token;
mod asked_mails;
mod audit_events;
mod audit_floods;
mod audit_retention;
mod audit_trail;
mod bad_input;
mod bearer_tokens;
mod both_proofs;
mod bound_copies;
mod bound_tokens;
mod breaches;
mod confirmation;
mod confirmation_of_programs;
mod confirmed_sign_ups;
mod connections;
mod content_policy;
mod cookies;
mod csp_reports;
mod database_server;
mod devices;
mod ending_sign_ins;
mod exchange;
mod exchange_bound;
mod exchange_copies;
mod exchange_names;
mod exchange_refusals;
mod floods;
mod forged_log;
mod forgotten_password;
mod forms_without_scripts;
mod guarded_pages;
mod guessed_confirmations;
mod guesses;
mod guesses_by_many;
mod hostile_heads;
mod identity_cache;
mod identity_of_the_ended;
mod key_rotation;
mod keys_command;
mod large_requests;
mod lifetimes;
mod links_in_mails;
mod links_of_sign_ups;
mod mail;
mod methods;
mod most_sign_ins;
mod odd_requests;
mod open_redirects;
mod other_node;
mod other_origins;
mod password_change;
mod password_change_races;
mod passwords;
mod proxies;
mod purge;
mod random_requests;
mod references;
mod refresh_tokens;
mod rolling_restart;
mod same_origin;
mod secrets_in_debug;
mod secrets_in_the_log;
mod security_headers;
mod security_page;
mod server_functions;
mod session_data;
mod session_flow;
mod sign_in;
mod sign_out;
mod sign_up;
mod slow_writers;
mod spent_proofs;
mod start_and_stop;
mod storage_of_secrets;
mod timing;
mod token_flow;
mod token_forgery;
mod token_garbage;
mod token_keys;
mod unavailable_database;
mod verify_jws;
