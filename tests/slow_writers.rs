//! Requests that write their session while its sign-out happens cannot bring it back (T13, SE-08, CVE-2025-46336).

use std::sync::Arc;
use std::time::Duration;

use axum::routing::post;
use axum::{Extension, Router};
use futures::{StreamExt, stream};
use tokio::sync::{Semaphore, watch};
use tower_sessions::Session;

use crate::only_in;
use crate::support::{Browser, Mode, TestServer};

const ROUNDS: usize = 100;
const WRITERS: u32 = 20;

/// Where the writers of a round wait, with their session changed and not saved yet.
#[derive(Clone)]
struct Gate {
    arrived: Arc<Semaphore>,
    is_open: Arc<watch::Sender<bool>>,
}

impl Gate {
    fn new() -> Self {
        Self {
            arrived: Arc::new(Semaphore::new(0)),
            is_open: Arc::new(watch::channel(false).0),
        }
    }

    fn routes(&self) -> Router {
        async fn write(
            Extension(gate): Extension<Gate>,
            Extension(session): Extension<Session>,
        ) -> &'static str {
            session.insert("seen", 1).await.unwrap();
            gate.arrived.add_permits(1);
            let mut is_open = gate.is_open.subscribe();
            is_open.wait_for(|is_open| *is_open).await.unwrap();
            // Some are saved before the sign-out, some during it, some after it.
            let late = fastrand::u64(0..10);
            tokio::time::sleep(Duration::from_millis(late)).await;
            "written"
        }
        let route = Router::new().route("/api/test/write_slowly", post(write));
        route.layer(Extension(self.clone()))
    }

    async fn wait_for_all(&self) {
        let all = self.arrived.acquire_many(WRITERS).await.unwrap();
        all.forget();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_slow_writers_never_bring_a_signed_out_session_back() {
    only_in!(
        Mode::CookieSession,
        "session data belongs to the cookie session; a token carries its own claims"
    );
    let gate = Gate::new();
    let many = [("TWOFOLD_SIGN_INS_PER_PERSON", "1000")];
    let server = TestServer::start_with(&many, gate.routes()).await;
    server.browser().sign_up().await;
    let browsers: Vec<_> = stream::iter(0..ROUNDS)
        .map(|_| signed_in(server.browser()))
        .buffer_unordered(4)
        .collect()
        .await;

    for (round, mut browser) in browsers.into_iter().enumerate() {
        let mut old = browser.clone();
        gate.is_open.send_replace(false);
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let mut writer = browser.clone();
                tokio::spawn(async move { writer.call("/api/test/write_slowly", &[]).await })
            })
            .collect();
        gate.wait_for_all().await;

        gate.is_open.send_replace(true);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..5))).await;
        assert_eq!(browser.sign_out().await.status, 200);
        let at_once = old.viewer().await;

        for writer in writers {
            assert_eq!(writer.await.unwrap().set_cookies(), Vec::<&str>::new());
        }
        // With a store whose `save` inserts, the old id is alive again in nine of ten rounds.
        assert_eq!((at_once, old.viewer().await), (None, None), "round {round}");
    }
}

async fn signed_in(mut browser: Browser) -> Browser {
    assert_eq!(browser.sign_in().await.status, 200);
    browser
}
