//! Connections: how many there may be, how long one may take to say what it wants, and how they end when the server stops.
//! `axum::serve` would wait for half a request for ever (T21).

mod arriving;
mod places;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt;

use self::arriving::Arriving;
use self::places::{Place, Places};

type Connection = (TcpStream, SocketAddr);

/// What connections may do.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, which also ends a connection that is kept open without asking anything.
    pub head_within: Duration,
    /// How many connections there may be at a time.
    pub most_connections: usize,
    /// How long everything goes on after the server is told to stop: balancers need a while to see that it is not ready any more.
    pub leave_for: Duration,
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
    let answering = Answering {
        router,
        head_within: patience.head_within,
        told,
    };
    let mut accepted = None;
    tokio::select! {
        () = stop => {}
        () = let_in(&listener, &places, &answering, &mut accepted) => {}
    }
    // First of all: connections on which nothing is asked end by that, and make room for the last ones.
    stopping.send_replace(true);
    let finish = async {
        for connection in accepted.into_iter().chain(last_of(listener)) {
            answering.begin(connection, places.take().await);
        }
        drop(answering);
        stopping.closed().await;
    };
    if tokio::time::timeout(FINISH_WITHIN, finish).await.is_err() {
        tracing::warn!("stopped before every request was answered");
    }
}

/// Answers whoever comes, for ever. What is `accepted` and has no place yet is the caller's when it stops waiting.
async fn let_in(
    listener: &TcpListener,
    places: &Places,
    answering: &Answering,
    accepted: &mut Option<Connection>,
) {
    loop {
        match listener.accept().await {
            Ok(connection) => *accepted = Some(connection),
            // Out of file descriptors, most likely: give the connections that have one time to end.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        }
        let place = places.take().await;
        if let Some(connection) = accepted.take() {
            answering.begin(connection, place);
        }
    }
}

/// Closes the listener: from now on a new connection is refused at once, and whoever wants one asks another node. Those that
/// the system has let in already would be reset by that, with what was asked on them.
fn last_of(listener: TcpListener) -> Vec<Connection> {
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

/// How connections are answered. The server waits at its end until nobody has a copy of this any more.
#[derive(Clone)]
struct Answering {
    router: Router,
    head_within: Duration,
    told: watch::Receiver<bool>,
}

impl Answering {
    fn begin(&self, connection: Connection, place: Arc<Place>) {
        tokio::spawn(self.clone().answer(connection, place));
    }

    /// Answers one request after the other, until the client, the server or a newer connection ends it.
    async fn answer(self, (stream, peer): Connection, place: Arc<Place>) {
        let service = service_fn(|request| self.answer_request(request, peer, &place));
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(self.head_within)
                .max_buf_size(MOST_HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
        );
        let (mut end, mut is_ending) = (pin!(end(&place, self.told.clone())), false);
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
    }

    async fn answer_request(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        place: &Arc<Place>,
    ) -> Result<Response, Infallible> {
        let asked = Arc::new(place.ask());
        let mut request = request.map(|body| Arriving::new(body, &asked));
        request.extensions_mut().insert(ConnectInfo(peer));
        self.router.clone().oneshot(request).await
    }
}

/// When a connection has to end: once the server is told to stop, but not before something was asked.
async fn end(place: &Place, mut told: watch::Receiver<bool>) {
    if told.wait_for(|is_stopping| *is_stopping).await.is_ok() {
        let _ = tokio::time::timeout(FIRST_REQUEST_WITHIN, place.asked()).await;
    }
}
