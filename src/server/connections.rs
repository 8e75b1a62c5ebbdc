//! Connections: how many there may be, how long one may take to say what it wants, and how they end when the server stops.
//! `axum::serve` would wait for half a request for ever (T21).

mod places;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use self::places::{Place, Places};

/// What connections may do.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, which also ends a connection that is kept open without asking anything.
    pub head_within: Duration,
    /// How many connections there may be at a time.
    pub most_connections: usize,
}

/// For a request's head: more is answered with 431 (AV-04).
const MOST_HEAD_BYTES: usize = 64 * 1024;
/// For requests that are being answered when the server is told to stop.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// Answers on `listener` until `stop`, then waits for the answers under way.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let places = Places::new(patience.most_connections);
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (accepted, place) = accept(&listener, &places) => match accepted {
                Ok((stream, peer)) => {
                    answer(stream, peer, router.clone(), &graceful, patience.head_within, place);
                }
                // Out of file descriptors, most likely: give the connections that have one time to end.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    // From here on a new connection is refused at once, and whoever wants one asks another node.
    drop(listener);
    if tokio::time::timeout(FINISH_WITHIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("stopped before every request was answered");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Places,
) -> (std::io::Result<(TcpStream, SocketAddr)>, Arc<Place>) {
    let accepted = listener.accept().await;
    (accepted, places.take().await)
}

fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
    head_within: Duration,
    place: Arc<Place>,
) {
    let service = {
        let place = Arc::clone(&place);
        service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let (answering, answer) = (place.answer(), router.clone().oneshot(request));
            async move {
                let answer = answer.await;
                drop(answering);
                answer
            }
        })
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_buf_size(MOST_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            result = connection => if let Err(error) = result {
                tracing::debug!(%error, "a connection ended early");
            },
            () = place.given_up() => tracing::debug!("a connection gave its place to a newer one"),
        }
    });
}
