//! Connections that are held open by saying little, while others want to be served.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::catalogue::{Attack, Group, When};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Trials, Verdict, brief, control};
use crate::socket::connect;
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Slow sockets",
    attacks: &[
        Attack::new(
            "a hundred heads that never end, while pages are asked for",
            "AV-06, T21",
            "a head has 20 seconds; pages come meanwhile",
            |lab| Box::pin(half_heads(lab)),
        )
        .when(When::Alongside),
        Attack::new(
            "a hundred bodies that come a byte at a time, while pages are asked for",
            "AV-06",
            "a request has 30 seconds; pages come meanwhile",
            |lab| Box::pin(slow_bodies(lab)),
        )
        .when(When::Alongside),
        Attack::new(
            "connections that are kept open and ask nothing",
            "AV-06",
            "a connection has 20 seconds to ask for something",
            |lab| Box::pin(idle(lab)),
        )
        .when(When::Alongside),
    ],
};

const HALF: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half";
const COUNT: usize = 100;
/// For a page of an unoptimised build on a busy machine.
const PAGE_WITHIN: Duration = Duration::from_secs(3);

async fn half_heads(lab: Arc<Lab>) -> Verdict {
    let mut held = Vec::new();
    for _ in 0..COUNT {
        held.push(opened(&lab, HALF).await?);
    }
    let mut trials = pages_meanwhile(&lab).await?;
    judge_all(&mut trials, &lab, held, &[]).await;
    trials.verdict()
}

/// Asks for pages while sockets are held.
async fn pages_meanwhile(lab: &Lab) -> Result<Trials, Inconclusive> {
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let start = Instant::now();
        let meanwhile = timeout(PAGE_WITHIN * 2, lab.browser().get("/sign-in")).await;
        let page = meanwhile.map_err(|_| Inconclusive("no page came meanwhile".to_owned()))?;
        control(page.status == 200, "a page meanwhile", brief(&page))?;
        slowest = slowest.max(start.elapsed());
    }
    let mut trials = Trials::stopped_by("the sockets are cut, and pages came");
    trials.note(
        slowest > PAGE_WITHIN,
        format!("the slowest page took {slowest:.1?}"),
    );
    Ok(trials)
}

async fn slow_bodies(lab: Arc<Lab>) -> Verdict {
    let mut sockets = Vec::new();
    let paths = [
        "/api/viewer",
        "/api/sign_in",
        "/api/v1/token",
        "/csp-report",
    ];
    for path in paths.into_iter().cycle().take(COUNT) {
        let content_type = match path {
            "/api/v1/token" => "application/json",
            "/csp-report" => "application/reports+json",
            _ => "application/x-www-form-urlencoded",
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {content_type}\r\n\
             Content-Length: 60000\r\n\r\n"
        );
        sockets.push(opened(&lab, head.as_bytes()).await?);
    }
    let mut trials = pages_meanwhile(&lab).await?;
    judge_all(&mut trials, &lab, sockets, b"x").await;
    trials.verdict()
}

async fn idle(lab: Arc<Lab>) -> Verdict {
    let asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut held = vec![opened(&lab, b"").await?];
    for _ in 0..COUNT / 2 {
        held.push(opened(&lab, asked).await?);
    }
    let mut trials = Trials::stopped_by("the sockets are cut");
    judge_all(&mut trials, &lab, held, &[]).await;
    trials.verdict()
}

async fn opened(lab: &Lab, first: &[u8]) -> Result<TcpStream, std::io::Error> {
    let mut socket = connect(lab).await?;
    socket.write_all(first).await?;
    Ok(socket)
}

/// Feeds each a little every second, until the server ends it or patience does.
async fn judge_all(trials: &mut Trials, lab: &Lab, sockets: Vec<TcpStream>, crumb: &'static [u8]) {
    let patience = lab.patience.sockets;
    let fed = sockets
        .into_iter()
        .map(|socket| tokio::spawn(fed_until_cut(socket, crumb, patience)));
    let fed: Vec<_> = fed.collect();
    for task in fed {
        match task.await {
            Ok(Some(after)) => trials.stopped(format!("cut after {:.0} s", after.as_secs_f64())),
            Ok(None) => {
                trials.succeeded(format!("still open after {:.0} s", patience.as_secs_f64()));
            }
            Err(error) => trials.odd(error.to_string()),
        }
    }
}

async fn fed_until_cut(
    mut socket: TcpStream,
    crumb: &[u8],
    patience: Duration,
) -> Option<Duration> {
    let start = Instant::now();
    let mut buffer = [0; 4096];
    loop {
        let left = patience.checked_sub(start.elapsed())?;
        let tick = left.min(Duration::from_secs(1));
        match timeout(tick, socket.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return Some(start.elapsed()),
            // An answer; whether the connection ends is still to be seen.
            Ok(Ok(_)) => {
                sleep(Duration::from_millis(50).min(left)).await;
            }
            Err(_) if crumb.is_empty() => {}
            Err(_) => {
                if socket.write_all(crumb).await.is_err() {
                    return Some(start.elapsed());
                }
            }
        }
    }
}
