//! Cookie mode, the browser's half: next to nothing, which is its strength. The browser keeps the cookie and sends
//! it by itself; no script can read it.

mod leftover;

#[cfg(feature = "ssr")]
pub mod server;

use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;
use serde::{Deserialize, Serialize};

use super::jwt::{attempt, possession};
use super::mode::Mode;
use super::open_page::{ask_again, watch};
use super::transport::{Carrier, Carry, pass_on};
use super::viewer::{CurrentViewer, load};
use crate::domain::path::LocalPath;
use crate::error::AppError;

pub const MODE: Mode = Mode::CookieSession;

/// Nothing: the proof of the sign-in is in the `Set-Cookie` header, where scripts cannot see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {}

impl Grant {
    /// Nothing to keep: the browser has the cookie.
    ///
    /// # Errors
    /// None in this mode.
    pub fn keep(&self) -> Result<(), AppError> {
        Ok(())
    }

    /// Loads the next page afresh: the server renders it for the person who just signed in, and whatever the old
    /// page kept in memory is gone.
    ///
    /// # Errors
    /// None in this mode.
    pub async fn accept(
        self,
        _viewer: CurrentViewer,
        _go: impl Fn(&LocalPath),
        next: &LocalPath,
    ) -> Result<(), AppError> {
        load(next);
        Ok(())
    }
}

/// The server rendered the page for the viewer, and there is nothing to find out, unless this browser has something from the
/// time when the server kept people signed in with tokens. What happens to their sign-in later is noticed.
pub fn follow(viewer: CurrentViewer) {
    possession::begin();
    watch(viewer);
    leftover::take_over(viewer);
}

/// After a sign-out: nothing to forget, because the page never held the proof. The start page is loaded afresh, without
/// the person. If the server could not be told, they are still signed in, and must know.
pub fn forget(viewer: CurrentViewer, outcome: Result<(), AppError>) {
    match outcome {
        Ok(()) => load(&LocalPath::home()),
        Err(error) => viewer.report(error),
    }
}

/// The transport of every server function: Leptos' own, because the cookie goes along by itself.
pub type Client = Carrier<WithCookie>;

pub struct WithCookie;

impl Carry for WithCookie {
    /// A refusal may be about a wrong password or about a sign-in that has ended; the page finds out by asking, which is
    /// never refused.
    async fn carry<E: FromServerFnError>(request: BrowserRequest) -> Result<BrowserResponse, E> {
        let response = if attempt::name(&request) {
            // What it proves itself by may be bound to this browser's key.
            possession::send::<E>(request, None).await?
        } else {
            pass_on::<E>(request).await?
        };
        if ClientRes::<E>::status(&response) == 401 {
            ask_again();
        }
        Ok(response)
    }
}
