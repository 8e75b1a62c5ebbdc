//! One page a file: its title, what it loads, its view.

pub mod account;
pub mod confirm;
pub mod devices;
pub mod failure;
pub mod forgot_password;
pub mod home;
pub mod not_found;
pub mod password;
pub mod reset_password;
pub mod security;
pub mod sign_in;
pub mod sign_up;
pub mod strength;
pub mod verify_email;

mod arrival;
mod chunk;
