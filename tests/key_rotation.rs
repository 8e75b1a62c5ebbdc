//! Two servers, one directory of keys, callers that never stop: rotating refuses nobody (JW-20).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::only_in;
use crate::support::process::{Process, keys};
use crate::support::tokens::part;
use crate::support::{Browser, Mode};

const ROTATIONS: usize = 5;
/// As long as the last key is published before it signs, and a little longer.
const SETTLING: Duration = Duration::from_secs(18);

/// What one caller saw.
#[derive(Default)]
struct Seen {
    calls: usize,
    refusals: Vec<String>,
    keys: BTreeSet<String>,
}

#[tokio::test]
async fn rotating_under_load_on_two_servers_refuses_nobody() {
    only_in!(
        Mode::Jwt,
        "only this mode's sign-in hands out tokens, which is what the keys sign"
    );
    let directory = TempDir::new().unwrap();
    let variables = [
        ("TWOFOLD_ORIGIN", "http://localhost:3000"),
        ("RUST_LOG", "warn"),
        ("TWOFOLD_RENEWALS_PER_ADDRESS", "1000000"),
    ];
    let first = Process::start(&directory, &variables).await;
    let second = Process::start(&directory, &variables).await;
    let end = Instant::now() + Duration::from_secs(ROTATIONS as u64) + SETTLING;
    let callers: Vec<_> = (0..4)
        .map(|number| tokio::spawn(call_until(end, [first.port, second.port], number)))
        .collect();

    for rotation in 0..ROTATIONS {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let algorithm = ["ES256", "EdDSA"][rotation % 2];
        let made = keys(&directory, &[("TWOFOLD_TOKEN_ALG", algorithm)], &["rotate"]);
        assert_eq!(made.0, 0, "{made:?}");
    }
    let mut all = Seen::default();
    for caller in callers {
        let seen = caller.await.unwrap();
        all.calls += seen.calls;
        all.refusals.extend(seen.refusals);
        all.keys.extend(seen.keys);
    }

    println!(
        "{} calls, {} keys, {} refusals",
        all.calls,
        all.keys.len(),
        all.refusals.len()
    );
    assert_eq!(all.refusals, Vec::<String>::new(), "JW-20");
    assert!(all.calls > 200, "{} calls are no load", all.calls);
    assert_eq!(all.keys.len(), 1 + ROTATIONS, "each key signed");
}

/// Gets tokens from one server and shows them to the other at once, over and over.
async fn call_until(end: Instant, ports: [u16; 2], number: usize) -> Seen {
    let mut nodes = ports.map(|port| Browser::new(([127, 0, 0, 1], port).into()));
    let (mut here, mut there) = (0, 1);
    nodes[here]
        .sign_up_as(&format!("caller{number}@example.com"))
        .await;
    let mut seen = Seen::default();
    while Instant::now() < end {
        let renewed = nodes[here].call("/api/refresh", &[]).await;
        let token = nodes[here].token.clone().unwrap();
        seen.keys.insert(part(&token, 0)["kid"].to_string());
        let cookies = nodes[here].cookies.clone();
        nodes[there].cookies = cookies;
        nodes[there].token = Some(token);
        let answer = nodes[there].call("/api/account", &[]).await;
        for answer in [renewed, answer] {
            seen.calls += 1;
            if answer.status != 200 {
                seen.refusals
                    .push(format!("{} {}", answer.status, answer.body));
            }
        }
        std::mem::swap(&mut here, &mut there);
    }
    seen
}
