//! One tab renews at a time, where the browser has Web Locks; it saves calls, and nothing rests on it. A lock that can
//! hang is worse than none: nobody waits for it longer than a few seconds, and then goes on without.

use std::pin::pin;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, pending, select};
use js_sys::{Date, Function, Promise, Reflect};
use leptos::prelude::{set_timeout, window};
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::storage::{KEY, text_of};

const NAME: &str = "twofold.renewal";

/// Longer than a renewal takes, and short enough to wait for a tab that hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever had to wait longer than this waited for another tab…
const AT_ONCE_MS: f64 = 20.0;
/// …and what that tab stored may come a moment after its lock, because browsers send the two on different ways: a tab looks so
/// often, with a pause before each time.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// Held until it is dropped.
pub(super) struct RenewalLock(#[expect(dead_code, reason = "it is only dropped")] Option<Release>);

/// Settles the promise for which the browser keeps the lock.
struct Release(Function);

impl RenewalLock {
    /// Waits for its turn, but only so long: then this tab goes on like one without the lock.
    pub(super) async fn take() -> Self {
        let (give, given) = oneshot::channel();
        if ask(give).is_err() {
            return Self(None);
        }
        let (asked_at, before) = (Date::now(), text_of(KEY));
        let lock = Self(within(PATIENCE, given).await.and_then(Result::ok));
        if Date::now() - asked_at > AT_ONCE_MS {
            for _ in 0..LOOKS {
                if text_of(KEY) != before {
                    break;
                }
                within(PAUSE, pending::<()>()).await;
            }
        }
        lock
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// `navigator.locks.request(NAME, callback)`. If nobody waits any more when the turn comes, the `Release` is dropped at
/// once. Fails where there is no such thing (an old browser, plain HTTP).
fn ask(give: oneshot::Sender<Release>) -> Result<(), JsValue> {
    let navigator = Reflect::get(&window(), &"navigator".into())?;
    let locks = Reflect::get(&navigator, &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let mut give = Some(give);
    let callback = Closure::once_into_js(move |_lock: JsValue| {
        Promise::new(&mut |resolve, _| {
            if let Some(give) = give.take() {
                let _ = give.send(Release(resolve));
            }
        })
    });
    let promise: Promise = request.call2(&locks, &NAME.into(), &callback)?.dyn_into()?;
    // A refusal that nobody takes would be an error on the console.
    spawn_local(async { drop(JsFuture::from(promise).await) });
    Ok(())
}

/// What `future` gives, if it does so in time; it is dropped otherwise.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (ring, rings) = oneshot::channel::<()>();
    set_timeout(move || drop(ring), limit);
    match select(pin!(future), rings).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
