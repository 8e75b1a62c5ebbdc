//! Whatever somebody sends: every request is answered, none of them is a failure of the server, and nothing panics (AV-05).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::server::access::TABLE;
use futures::{StreamExt, stream};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Browser;
use crate::support::dice::Dice;
use crate::support::process::Process;

const COUNT: u64 = 20_000;
const AT_ONCE: usize = 16;
/// As long as the server takes to give a request up itself.
const ANSWERED_WITHIN: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_random_requests_are_answered_and_nothing_panics() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[("RUST_LOG", "warn")]).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    browser.sign_up().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = std::env::var("RANDOM_REQUESTS_SEED");
    let seed = seed.map_or(now.as_secs() * COUNT, |text| text.parse().unwrap());
    println!("RANDOM_REQUESTS_SEED={seed}");

    let (port, member) = (process.port, browser.clone());
    let random = (0..COUNT).map(|number| Dice::new(seed + number, &member).request());
    let requests = without_boundary().chain(random);
    let mut statuses = stream::iter(requests)
        .map(|request| tokio::spawn(answer_to(port, request)))
        .buffer_unordered(AT_ONCE);
    let mut counts = std::collections::BTreeMap::new();
    while let Some(status) = statuses.next().await {
        *counts.entry(status.unwrap()).or_insert(0) += 1;
    }

    println!("{counts:?}");
    assert_eq!(browser.get("/healthz").await.status, 200);
    process.terminate();
    let (code, log) = process.finish();
    assert_eq!(code, Some(0));
    assert!(!log.contains("panicked"), "AV-05, T09: {log}");
}

/// The parser of the framework takes a boundary for granted (T09).
fn without_boundary() -> impl Iterator<Item = Vec<u8>> {
    TABLE.iter().map(|line| {
        format!(
            "{} {} HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\n--x--",
            line.method, line.path
        )
        .into_bytes()
    })
}

/// The status of the answer, up to whose end the connection is read.
async fn answer_to(port: u16, request: Vec<u8>) -> String {
    let text = request.escape_ascii().to_string();
    let answer = async {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // What is refused early is not read to its end.
        let _ = socket.write_all(&request).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        answer
    };
    let answer = tokio::time::timeout(ANSWERED_WITHIN, answer).await;
    let answer = answer.unwrap_or_else(|_| panic!("AV-05: no answer to {text}"));
    let answer = String::from_utf8_lossy(&answer);
    let status = answer
        .strip_prefix("HTTP/1.1 ")
        .or(answer.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|rest| rest.get(..3)).unwrap_or_default();
    assert!(
        !["", "500"].contains(&status),
        "AV-05: {answer:?} to {text}"
    );
    status.to_owned()
}
