//! What the product talks about: addresses, passwords, people, sign-ins, paths.
//! Pure and shared by server and browser; knows no Leptos, no SQL, no HTTP.

pub mod email;
pub mod password;
pub mod path;
pub mod sign_in;
pub mod user;
