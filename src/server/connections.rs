//! Connections: how many there may be, how long one may take to say what it wants, and how they end when the server stops.
//! `axum::serve` would wait for half a request for ever (T21).

mod places;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
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

/// For a request's head: more is answered with 431 (AV-04). hyper looks only after each read, which may bring as much again.
pub(super) const MOST_HEAD_BYTES: usize = 64 * 1024;
/// For requests that are being answered when the server is told to stop.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// On a connection that is open when the server is told to stop, and on which nothing was asked yet: a request is on its way.
const FIRST_REQUEST_WITHIN: Duration = Duration::from_secs(1);

/// Answers on `listener` until `stop`, then waits for the answers under way.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let places = Places::new(patience.most_connections);
    let (stopping, told) = watch::channel(false);
    let answer = |(stream, peer), place| {
        answer(
            stream,
            peer,
            router.clone(),
            patience.head_within,
            place,
            told.clone(),
        );
    };
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (accepted, place) = accept(&listener, &places) => match accepted {
                Ok(connection) => answer(connection, place),
                // Out of file descriptors, most likely: give the connections that have one time to end.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    // After that a new connection is refused at once, and whoever wants one asks another node.
    for connection in last_of(listener) {
        answer(connection, places.take().await);
    }
    drop(told);
    stopping.send_replace(true);
    if tokio::time::timeout(FINISH_WITHIN, stopping.closed())
        .await
        .is_err()
    {
        tracing::warn!("stopped before every request was answered");
    }
}

/// Closes the listener. The connections that the system has let in already would be reset by that, with what was asked on them.
fn last_of(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    let streams = accepted.filter_map(|(stream, peer)| {
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    });
    streams.collect()
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
    head_within: Duration,
    place: Arc<Place>,
    told: watch::Receiver<bool>,
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
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let (mut end, mut is_ending) = (pin!(end(&place, told.clone())), false);
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    break;
                }
                () = place.given_up() => {
                    tracing::debug!("a connection gave its place to a newer one");
                    break;
                }
                () = &mut end, if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
        // The server waits until nobody listens to it any more.
        drop(told);
    });
}

/// When a connection has to end: once the server is told to stop, but not before something was asked.
async fn end(place: &Place, mut told: watch::Receiver<bool>) {
    if told.wait_for(|is_stopping| *is_stopping).await.is_ok() {
        let _ = tokio::time::timeout(FIRST_REQUEST_WITHIN, place.asked()).await;
    }
}
