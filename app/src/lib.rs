//! Twofold, the product: one app that keeps people signed in with a cookie session or with a JWT.
//! Start with `app` (the routes), then a page, then the server function it calls, then `auth`, the seam of the two modes.

pub mod api;
pub mod app;
pub mod auth;
pub mod components;
pub mod domain;
pub mod error;
pub mod json;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod shell;
