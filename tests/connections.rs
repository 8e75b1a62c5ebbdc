//! Sockets that are held open: what they get, and what others get nevertheless (AV-06).

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::any;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use crate::support::process::Process;
use crate::support::{Browser, TestServer};

const HALF: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half";

async fn trickling(server: &TestServer) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(HALF).await.unwrap();
    socket
}

#[tokio::test]
async fn hundreds_of_trickling_sockets_keep_nobody_out() {
    let few = [("TWOFOLD_MOST_CONNECTIONS", "100")];
    let server = TestServer::start_with(&few, Router::new()).await;

    let mut held = Vec::new();
    for round in 0..6 {
        for _ in 0..100 {
            held.push(trickling(&server).await);
        }
        let patience = Duration::from_secs(10);
        let mut browser = server.browser();
        let answer = tokio::time::timeout(patience, browser.get("/sign-in")).await;
        assert_eq!(answer.expect("AV-06").status, 200, "round {round}");
    }
}

#[tokio::test]
async fn bodies_that_never_end_keep_nobody_out() {
    let few = [("TWOFOLD_MOST_CONNECTIONS", "20")];
    let server = TestServer::start_with(&few, Router::new()).await;

    let mut held = Vec::new();
    for round in 0..5 {
        for (path, content_type) in BODIES.iter().cycle().take(40) {
            held.push(sending(&server, path, content_type).await);
        }
        // Until the server waits for the bodies, and no longer for heads.
        tokio::time::sleep(Duration::from_millis(200)).await;
        for socket in &mut held {
            let _ = socket.write_all(b"x").await;
        }
        let patience = Duration::from_secs(10);
        let mut browser = server.browser();
        let page = tokio::time::timeout(patience, browser.get("/sign-in")).await;
        assert_eq!(page.expect("AV-06").status, 200, "round {round}");
        let call = tokio::time::timeout(patience, browser.sign_in()).await;
        assert_eq!(call.expect("AV-06").status, 401, "round {round}");
    }
}

/// What takes a body, each read in a way of its own.
const BODIES: [(&str, &str); 4] = [
    ("/api/viewer", "application/x-www-form-urlencoded"),
    ("/api/sign_in", "application/x-www-form-urlencoded"),
    ("/api/v1/token", "application/json"),
    ("/csp-report", "application/reports+json"),
];

async fn sending(server: &TestServer, path: &str, content_type: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: {content_type}\r\nContent-Length: 1000\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_trickling_sockets_keep_nobody_out() {
    const MANY: usize = 2000;
    raise_limit_of_files();
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("RUST_LOG", "warn")]).await;
    let address = SocketAddr::from(([127, 0, 0, 1], process.port));
    let mut member = Browser::new(address);
    assert_eq!(member.sign_up().await.status, 200);
    let (held, mut holds) = watch::channel(0);
    let trickle = tokio::spawn(async move {
        let mut sockets: Vec<TcpStream> = Vec::new();
        // Each sends a letter in a round; those that were cut are opened anew.
        loop {
            while sockets.len() < MANY {
                let mut socket = TcpStream::connect(address).await.unwrap();
                let _ = socket.write_all(HALF).await;
                sockets.push(socket);
            }
            held.send_replace(sockets.len());
            let mut open = Vec::new();
            for mut socket in sockets {
                if socket.write_all(b"x").await.is_ok() {
                    open.push(socket);
                }
            }
            sockets = open;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    holds.wait_for(|count| *count == MANY).await.unwrap();

    for round in 0..20 {
        let patience = Duration::from_secs(10);
        let mut browser = Browser::new(address);
        let page = tokio::time::timeout(patience, browser.get("/sign-in")).await;
        assert_eq!(page.expect("AV-06").status, 200, "round {round}");
        let call = member.call("/api/account", &[]);
        let call = tokio::time::timeout(patience, call).await;
        assert_eq!(call.expect("AV-06").status, 200, "round {round}");
    }
    trickle.abort();
}

/// This process holds two thousand sockets.
fn raise_limit_of_files() {
    const ENOUGH: usize = 4096;
    let limit = || {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let soft = line.unwrap().split_whitespace().nth(3).unwrap();
        soft.parse().unwrap_or(usize::MAX)
    };
    if limit() < ENOUGH {
        let pid = std::process::id().to_string();
        let limit = format!("--nofile={ENOUGH}:");
        let _ = Command::new("prlimit")
            .args([&limit, "--pid", &pid])
            .status();
    }
    assert!(limit() >= ENOUGH, "ulimit -n {ENOUGH} is not allowed here");
}

#[tokio::test]
async fn the_socket_that_waited_longest_goes_first_and_none_that_is_being_answered() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (arrived, go_on) = (Arc::clone(&arrived), Arc::clone(&go_on));
        any(|_: Bytes| async move {
            arrived.notify_one();
            go_on.notified().await;
            "slow"
        })
    };
    let few = [("TWOFOLD_MOST_CONNECTIONS", "10")];
    let server = TestServer::start_with(&few, Router::new().route("/slow", slow)).await;
    let (mut getting, mut posting) = (server.browser(), server.browser());
    let got = tokio::spawn(async move { getting.get("/slow").await });
    arrived.notified().await;
    let posted = tokio::spawn(async move { posting.call("/slow", &[("a", "body")]).await });
    arrived.notified().await;

    let mut first = trickling(&server).await;
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(trickling(&server).await);
    }
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), first.read_to_end(&mut rest)).await;
    go_on.notify_waiters();

    assert!(ended.is_ok(), "the first made room for the last");
    let last = others.last_mut().unwrap();
    last.write_all(b": x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut page = String::new();
    last.read_to_string(&mut page).await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for answer in [got, posted] {
        assert_eq!(answer.await.unwrap().body, "slow");
    }
}

#[tokio::test]
async fn a_connection_that_is_kept_open_for_nothing_is_cut() {
    let server = TestServer::start_changed(&[], Router::new(), |config| {
        config.patience.head_within = Duration::from_millis(200);
    })
    .await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();

    let (mut answer, mut nothing) = (String::new(), Vec::new());
    let ends = async {
        idle.read_to_string(&mut answer).await.unwrap();
        silent.read_to_end(&mut nothing).await
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), ends).await;

    assert!(ended.is_ok(), "AV-06, T21");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
