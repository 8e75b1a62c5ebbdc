//! Token mode, the browser's half: keeps the access token in localStorage, shows it with every server-function call,
//! renews it before it runs out and once more when it is refused. The refresh token is in a cookie no script can read.

pub(super) mod attempt;
pub(super) mod possession;
mod renewal_lock;
pub(super) mod storage;

#[cfg(feature = "ssr")]
pub mod server;

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::browser::BrowserResponse;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use self::renewal_lock::{RenewalLock, within};
use super::mode::Mode;
use super::open_page::{followed, watch};
use super::transport::{Carrier, Carry, without_call};
use super::viewer::{CurrentViewer, Viewer, load, may_exchange};
use crate::api::refresh::{exchange, refresh};
use crate::api::viewer::ask_viewer;
use crate::domain::path::LocalPath;
use crate::error::AppError;

pub const MODE: Mode = Mode::Jwt;

/// A renewal that has no answer by then is given up, and its cookie with it: it might be older than one that came meanwhile.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// A signed token and how long it is good for, in seconds (RFC 6749 §5.1). The lifetime is relative, so that a
/// browser whose clock is wrong renews at the right time all the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    pub token: String,
    pub expires_in: u32,
}

/// What a sign-in hands back: the access token. It is the only copy, and must be kept before the page is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub access_token: AccessToken,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

impl Grant {
    /// Stores the token.
    ///
    /// # Errors
    /// [`AppError::StorageBlocked`] when the browser refuses to keep it.
    pub fn keep(&self) -> Result<(), AppError> {
        storage::keep(&self.access_token)
    }

    /// Stores the token, then asks who signed in, then goes on.
    ///
    /// # Errors
    /// [`AppError::StorageBlocked`] when the browser refuses to keep the token: nobody is signed in then.
    pub async fn accept(
        self,
        viewer: CurrentViewer,
        go: impl Fn(&LocalPath),
        next: &LocalPath,
    ) -> Result<(), AppError> {
        attempt::end();
        self.keep()?;
        viewer.set(ask_viewer().await?);
        go(next);
        Ok(())
    }
}

/// Finds out who is signed in, now and whenever another tab changes it.
pub fn follow(viewer: CurrentViewer) {
    possession::begin();
    watch(viewer);
    let has_token = matches!(
        storage::look(),
        storage::Look::Token { is_fresh: true, .. } | storage::Look::Blocked
    );
    if may_exchange() && !has_token {
        spawn_local(take_over(viewer));
    } else {
        look_again(viewer);
    }
    let other_tab = window_event_listener(ev::storage, move |event| {
        if event.key().is_none_or(|key| key == storage::KEY) {
            look_again(viewer);
        }
    });
    on_cleanup(move || other_tab.remove());
}

/// After a sign-out: drops the token; the other tabs see it go, because storage tells them. The start page is loaded
/// afresh, so that nothing of the person stays in this page's memory. If the server could not be told, this browser
/// is signed out all the same.
pub fn forget(viewer: CurrentViewer, outcome: Result<(), AppError>) {
    storage::forget();
    match outcome {
        Ok(()) => load(&LocalPath::home()),
        Err(error) => {
            viewer.set(Viewer::Anonymous);
            viewer.report(error);
        }
    }
}

/// The page came with a session of the time before tokens: it is exchanged before anybody is taken for a stranger.
/// Unless a token that has run out can be renewed: then the session may be what it was exchanged for, and done with. Cookie
/// mode leaves a mark where the token was, which is garbage here, or the token, if the tab died before.
async fn take_over(viewer: CurrentViewer) {
    let renewed = match storage::look() {
        storage::Look::Token { .. } => {
            let _lock = RenewalLock::take().await;
            match storage::fresh_token(None) {
                Some(_) => Ok(()),
                None => ask_for_token()
                    .await
                    .map(|token| drop(storage::keep(&token))),
            }
        }
        _ => Err(AppError::SignedOut),
    };
    let kept = match renewed {
        Err(AppError::SignedOut) => {
            let granted = attempt::attempted(async || exchange(String::new()).await).await;
            granted.and_then(|grant| grant.keep())
        }
        renewed => renewed,
    };
    match kept {
        // It may also be refused because another tab was quicker, whose token is in storage by now.
        Ok(()) | Err(AppError::SignedOut) => look_again(viewer),
        // Nothing is known about a server that cannot answer, and the page goes on not knowing.
        Err(error) => viewer.report(error),
    }
}

fn look_again(viewer: CurrentViewer) {
    match storage::look() {
        storage::Look::Nothing => viewer.notice(Viewer::Anonymous),
        storage::Look::Blocked => {
            viewer.set(Viewer::Anonymous);
            viewer.report(without_call(AppError::StorageBlocked));
        }
        storage::Look::Token { .. } | storage::Look::Garbage => spawn_local(async move {
            match ask_viewer().await {
                Ok(found) => viewer.notice(found),
                Err(AppError::InvalidToken) => end(viewer),
                Err(error) => viewer.report(error),
            }
        }),
    }
}

/// The server does not know this sign-in any more: the page says so, and so do the other tabs, which see the token go.
fn end(viewer: CurrentViewer) {
    storage::forget();
    viewer.end();
}

/// The transport of every server function: Leptos' own, with the token.
pub type Client = Carrier<WithToken>;

pub struct WithToken;

impl Carry for WithToken {
    fn carry<E: FromServerFnError>(
        request: BrowserRequest,
    ) -> impl Future<Output = Result<BrowserResponse, E>> {
        send_with_token(request)
    }
}

async fn send_with_token<E: FromServerFnError>(
    mut request: BrowserRequest,
) -> Result<BrowserResponse, E> {
    // These prove themselves by a cookie, and are what makes a token good again.
    if attempt::name(&request) {
        return possession::send(request, None).await;
    }
    let token = match storage::look() {
        storage::Look::Token { token, is_fresh } if is_fresh => Some(token),
        storage::Look::Token { .. } | storage::Look::Garbage => {
            renewed(None).await.map_err(of_another)?
        }
        storage::Look::Nothing | storage::Look::Blocked => None,
    };
    let again = possession::copy::<E>(&mut request)?;
    let response = possession::send(request, token.as_deref()).await?;
    if token.is_none() || !possession::refuses::<E>(&response, "invalid_") {
        return Ok(response);
    }
    let token = renewed(token.as_deref()).await.map_err(of_another)?;
    possession::send(again, token.as_deref()).await
}

/// A failure of ours as the error type of another server function.
fn of_another<E: FromServerFnError>(error: AppError) -> E {
    E::de(error.ser())
}

/// A token that is not `refused`: one that another tab renewed meanwhile, or a new one for the refresh cookie. When the
/// server refuses, this browser is signed out, and the page is told; the other tabs see the token go, and ask no more.
///
/// # Errors
/// When the server cannot tell: nothing is known then and nothing forgotten, and the call that needed the token must
/// not go out without it, or its answer would be that of a stranger.
async fn renewed(refused: Option<&str>) -> Result<Option<String>, AppError> {
    let _lock = RenewalLock::take().await;
    if matches!(storage::look(), storage::Look::Nothing) {
        return Ok(None);
    }
    if let Some(token) = storage::fresh_token(refused) {
        return Ok(Some(token));
    }
    match ask_for_token().await {
        Ok(access_token) => {
            // A browser that stopped keeping it can still use it for this one call.
            let _ = storage::keep(&access_token);
            Ok(Some(access_token.token))
        }
        Err(AppError::SignedOut) => {
            match followed() {
                Some(viewer) => end(viewer),
                None => storage::forget(),
            }
            Ok(None)
        }
        // A tab that went on without the lock may have been quicker.
        Err(error) => storage::fresh_token(refused).map(Some).ok_or(error),
    }
}

/// # Errors
/// [`AppError::SignedOut`] when there is nothing to renew.
async fn ask_for_token() -> Result<AccessToken, AppError> {
    let ask = async || {
        let answer = within(ANSWER_PATIENCE, Box::pin(refresh())).await;
        answer.unwrap_or_else(|| Err(without_call(AppError::Offline)))
    };
    attempt::attempted(ask).await
}
