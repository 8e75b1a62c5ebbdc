//! Two nodes that are restarted one after the other while people use them: nobody is turned away (AV-07). In front of them is
//! what a proxy does: it asks the nodes in turn, and the other one where nobody listens; or what a balancer does: it looks which
//! nodes are ready, and asks one of those. Neither asks anything twice that was sent.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::support::process::Process;
use crate::support::{Browser, PASSWORD};

const CLIENTS: usize = 6;
const ROUNDS: usize = 2;
const BUSY: &str = "busy@example.com";
/// What the log says of a database that was too slow.
const SLOW: [&str; 3] = [
    "pool timed out",
    "due to statement timeout",
    "database is locked",
];
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How whoever is in front of the nodes learns that one of them stops.
#[derive(Clone, Copy, PartialEq)]
enum Notices {
    ThatNobodyListens,
    ThatItIsNotReady,
}

struct Proxy {
    notices: Notices,
    nodes: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
    answered: AtomicUsize,
    failed: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Proxy {
    fn new(notices: Notices, nodes: Vec<SocketAddr>) -> Self {
        Self {
            notices,
            nodes: Mutex::new(nodes),
            next: AtomicUsize::default(),
            answered: AtomicUsize::default(),
            failed: Mutex::default(),
            is_over: AtomicBool::default(),
        }
    }

    /// Sends the call over a connection of its own, with whatever proof `asking` has.
    async fn pass_on(&self, asking: Option<&Browser>, path: &str, fields: &[(&str, &str)]) {
        let nodes = self.nodes.lock().unwrap().clone();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for turn in 0..nodes.len() {
            let mut browser = Browser::new(nodes[(first + turn) % nodes.len()]);
            if let Some(asking) = asking {
                (browser.cookies, browser.token) = (asking.cookies.clone(), asking.token.clone());
            }
            match browser.try_to_call(path, fields).await {
                Ok(answer) if answer.status == 200 => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Ok(answer) => return self.note(format!("{path}: {}", answer.status)),
                Err(error) if error.is_connect() && self.notices == Notices::ThatNobodyListens => {}
                Err(error) => return self.note(format!("{path}: {error:?}")),
            }
        }
        self.note(format!("{path}: nobody listens"));
    }

    /// Takes out the nodes that are not ready, until all is over.
    async fn look(&self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let nodes = self.nodes.lock().unwrap().clone();
            for node in nodes {
                let answer = reqwest::get(format!("http://{node}/readyz")).await;
                if !answer.is_ok_and(|answer| answer.status() == 200) {
                    self.take_out(node);
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn take_out(&self, node: SocketAddr) {
        self.nodes.lock().unwrap().retain(|other| *other != node);
    }

    fn note(&self, failure: String) {
        self.failed.lock().unwrap().push(failure);
    }

    /// A machine that is so busy that the database needs two seconds is told from a restart by the log (AV-08); nothing else is
    /// pardoned, and neither is a database that was closed too early or two who wait for each other.
    fn assert_failed_nobody(&self, logs: &str) {
        let failed = self.failed.lock().unwrap();
        let is_slow = |line: &&str| SLOW.iter().any(|cause| line.contains(cause));
        let pardoned = logs.lines().filter(is_slow).count();
        let told = failed.iter().filter(|failure| failure.contains(": 503"));

        let answered = self.answered.load(Ordering::Relaxed);
        println!("{answered} calls answered, {pardoned} not by the database");
        assert!(
            told.count() == failed.len() && failed.len() <= pardoned,
            "AV-07, of {answered}: {failed:?}\n{logs}"
        );
    }

    async fn is_used_by(&self, person: Browser) {
        // Somebody else's: a person has fifty sign-ins at most.
        let credentials = [("email", BUSY), ("password", PASSWORD)];
        for call in 0.. {
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            match call % 10 {
                0 => self.pass_on(None, "/api/sign_in", &credentials).await,
                _ => self.pass_on(Some(&person), "/api/account", &[]).await,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_are_restarted_one_after_the_other_fail_nobody() {
    restart_under_load(Notices::ThatNobodyListens, "0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balancer_that_looks_whether_nodes_are_ready_never_asks_one_that_has_stopped() {
    restart_under_load(Notices::ThatItIsNotReady, "2").await;
}

async fn restart_under_load(notices: Notices, leave_seconds: &str) {
    let directory = TempDir::new().unwrap();
    let variables = [
        ("TWOFOLD_ORIGIN", "http://localhost:3000"),
        ("TWOFOLD_GUESSES_PER_ADDRESS", "100000"),
        ("TWOFOLD_PASSWORDS_PER_ACCOUNT", "100000"),
        ("TWOFOLD_LEAVE_SECONDS", leave_seconds),
        ("RUST_LOG", "warn"),
    ];
    let mut nodes = VecDeque::new();
    for _ in 0..2 {
        nodes.push_back(Process::start(&directory, &variables).await);
    }
    let proxy = Arc::new(Proxy::new(notices, nodes.iter().map(address).collect()));
    let used = begin_to_use(&proxy).await;

    let mut stopped = Stopped::default();
    for _ in 0..2 * ROUNDS {
        let new = Process::start(&directory, &variables).await;
        let before = proxy.answered.load(Ordering::Relaxed);
        proxy.nodes.lock().unwrap().push(address(&new));
        nodes.push_back(new);
        let old = nodes.pop_front().unwrap();
        let gone = address(&old);
        stopped.add(old).await;
        proxy.take_out(gone);
        while proxy.answered.load(Ordering::Relaxed) < before + 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    proxy.is_over.store(true, Ordering::Relaxed);
    for client in join_all(used).await {
        client.unwrap();
    }
    for last in nodes {
        stopped.add(last).await;
    }

    assert_eq!(stopped.codes, vec![Some(0); 2 * ROUNDS + 2], "AV-07");
    proxy.assert_failed_nobody(&stopped.logs);
}

/// What is left of the nodes.
#[derive(Default)]
struct Stopped {
    codes: Vec<Option<i32>>,
    logs: String,
}

impl Stopped {
    async fn add(&mut self, node: Process) {
        node.terminate();
        let finish = tokio::task::spawn_blocking(|| node.finish());
        let (code, log) = finish.await.unwrap();
        self.codes.push(code);
        self.logs += &log;
    }
}

/// People who sign up and go on asking, and whatever the proxy does besides, until all is over.
async fn begin_to_use(proxy: &Arc<Proxy>) -> Vec<JoinHandle<()>> {
    let first = proxy.nodes.lock().unwrap()[0];
    let mut person = Browser::new(first);
    assert_eq!(person.sign_up().await.status, 200);
    let mut busy = Browser::new(first);
    assert_eq!(busy.sign_up_as(BUSY).await.status, 200);
    let used = (0..CLIENTS).map(|_| {
        let (proxy, person) = (Arc::clone(proxy), person.clone());
        tokio::spawn(async move { proxy.is_used_by(person).await })
    });
    let mut used: Vec<_> = used.collect();
    if proxy.notices == Notices::ThatItIsNotReady {
        let proxy = Arc::clone(proxy);
        used.push(tokio::spawn(async move { proxy.look().await }));
    }
    used
}

fn address(node: &Process) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], node.port))
}
