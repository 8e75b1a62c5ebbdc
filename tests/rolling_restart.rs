//! Two nodes that are restarted one after the other while people use them: nobody is turned away (AV-07). In front of them is
//! what a proxy does: it asks the nodes in turn, and the other one where nobody listens. It asks nothing twice that was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::future::join_all;
use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::{Browser, PASSWORD};

const CLIENTS: usize = 6;
const ROUNDS: usize = 2;
const BUSY: &str = "busy@example.com";
const VARIABLES: [(&str, &str); 3] = [
    ("TWOFOLD_ORIGIN", "http://localhost:3000"),
    ("TWOFOLD_GUESSES_PER_ADDRESS", "100000"),
    ("RUST_LOG", "warn"),
];

#[derive(Default)]
struct Proxy {
    nodes: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
    answered: AtomicUsize,
    failed: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Proxy {
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
                Err(error) if error.is_connect() => {}
                Err(error) => return self.note(format!("{path}: {error:?}")),
            }
        }
        self.note(format!("{path}: nobody listens"));
    }

    fn note(&self, failure: String) {
        self.failed.lock().unwrap().push(failure);
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
    let directory = TempDir::new().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(Process::start(&directory, &VARIABLES).await);
    }
    let address = |node: &Process| SocketAddr::from(([127, 0, 0, 1], node.port));
    let mut person = Browser::new(address(&nodes[0]));
    assert_eq!(person.sign_up().await.status, 200);
    let mut busy = Browser::new(address(&nodes[0]));
    assert_eq!(busy.sign_up_as(BUSY).await.status, 200);
    let proxy = Arc::new(Proxy::default());
    *proxy.nodes.lock().unwrap() = nodes.iter().map(address).collect();
    let used = (0..CLIENTS).map(|_| {
        let (proxy, person) = (Arc::clone(&proxy), person.clone());
        tokio::spawn(async move { proxy.is_used_by(person).await })
    });
    let used = join_all(used.collect::<Vec<_>>());

    let mut codes = Vec::new();
    for index in (0..2).cycle().take(2 * ROUNDS) {
        let new = Process::start(&directory, &VARIABLES).await;
        let before = proxy.answered.load(Ordering::Relaxed);
        let port = address(&new);
        let old = std::mem::replace(&mut nodes[index], new);
        old.terminate();
        let code = tokio::task::spawn_blocking(|| old.finish().0);
        codes.push(code.await.unwrap());
        proxy.nodes.lock().unwrap()[index] = port;
        while proxy.answered.load(Ordering::Relaxed) < before + 100 {
            tokio::task::yield_now().await;
        }
    }
    proxy.is_over.store(true, Ordering::Relaxed);
    for client in used.await {
        client.unwrap();
    }

    let answered = proxy.answered.load(Ordering::Relaxed);
    println!("{answered} calls answered during {} restarts", codes.len());
    assert_eq!(codes, vec![Some(0); 2 * ROUNDS], "AV-07");
    let failed = proxy.failed.lock().unwrap().clone();
    assert_eq!(failed, Vec::<String>::new(), "AV-07, of {answered}");
}
