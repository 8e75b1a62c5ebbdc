//! Cookie mode, the browser's half: next to nothing, which is its strength. The browser keeps the cookie and sends
//! it by itself; no script can read it.

#[cfg(feature = "ssr")]
pub mod server;

use serde::{Deserialize, Serialize};

use super::mode::Mode;
use super::viewer::{CurrentViewer, load};
use crate::domain::path::LocalPath;
use crate::error::AppError;

pub use leptos::server_fn::client::browser::BrowserClient as Client;

pub const MODE: Mode = Mode::CookieSession;

/// Nothing: the proof of the sign-in is in the `Set-Cookie` header, where scripts cannot see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {}

impl Grant {
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

/// Nothing to find out: the server rendered the page for the viewer.
pub fn follow(_viewer: CurrentViewer) {}

/// After a sign-out: nothing to forget, because the page never held the proof. The start page is loaded afresh, without
/// the person. If the server could not be told, they are still signed in, and must know.
pub fn forget(viewer: CurrentViewer, outcome: Result<(), AppError>) {
    match outcome {
        Ok(()) => load(&LocalPath::home()),
        Err(error) => viewer.report(error),
    }
}
