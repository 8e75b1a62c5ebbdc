//! Two server processes on one database: how long the one goes on believing what the other has ended, measured while it is
//! asked all the time, and what a restart does not undo.

use std::time::{Duration, Instant};

use sqlx::Executor;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::database::connect;
use crate::support::devices::{END_ALL, END_OTHERS};
use crate::support::process::Process;
use crate::support::{Browser, Database, EMAIL, PASSWORD};

/// An answer counts by when its call began, which is before the server looked at the clock: nothing is added for the machine.
const MOST: Duration = Duration::from_secs(1);
const ROUNDS: usize = 2;
const VARIABLES: [(&str, &str); 2] = [
    ("TWOFOLD_ORIGIN", "http://localhost:3000"),
    ("RUST_LOG", "warn"),
];

#[derive(Clone, Copy, Debug)]
enum End {
    SignOut,
    Others,
    All,
    Disabled,
}

#[tokio::test]
async fn an_end_on_one_node_is_felt_within_a_second_on_another_that_is_asked_all_the_time() {
    let directory = TempDir::new().unwrap();
    let here = Process::start(&directory, &VARIABLES).await;
    let there = Process::start(&directory, &VARIABLES).await;
    let mut browser = browser_at(&here);
    browser.sign_up().await;
    let mut longest = Duration::ZERO;

    for end in [End::SignOut, End::Others, End::All, End::Disabled] {
        for _ in 0..ROUNDS {
            let mut ended = browser_at(&here);
            assert_eq!(ended.sign_in().await.status, 200);
            let mut other = browser_at(&here);
            other.sign_in().await;
            let calls = Calls::begin(at(&there, &ended)).await;

            let since = carry_out(end, &directory, &mut ended, &mut other).await;
            let delay = calls.accepted_after(since).await;

            println!("{end:?}: {} ms", delay.as_millis());
            longest = longest.max(delay);
            assert!(delay <= MOST, "MI-01, SE-09, SE-18 {end:?}: {delay:?}");
        }
    }
    println!(
        "longest delay on the other node: {} ms",
        longest.as_millis()
    );
}

/// Ends the sign-in; says when that was answered.
async fn carry_out(
    end: End,
    directory: &TempDir,
    ended: &mut Browser,
    other: &mut Browser,
) -> Instant {
    match end {
        End::SignOut => assert_eq!(ended.sign_out().await.status, 200),
        End::Others => assert_eq!(other.call(END_OTHERS, &[]).await.status, 200),
        End::All => assert_eq!(other.call(END_ALL, &[]).await.status, 200),
        End::Disabled => {
            let mut connection = connect(&Database::url(directory.path()).await).await;
            let disable = "UPDATE users SET disabled_at = 1";
            connection.execute(disable).await.unwrap();
            let answered = Instant::now();
            // Until the other node has noticed; then for the next round.
            tokio::time::sleep(MOST * 2).await;
            let enable = "UPDATE users SET disabled_at = NULL";
            connection.execute(enable).await.unwrap();
            return answered;
        }
    }
    Instant::now()
}

/// Calls without pause, until one is refused.
struct Calls(JoinHandle<Instant>);

impl Calls {
    /// Returns when the first has been answered.
    async fn begin(mut browser: Browser) -> Self {
        let (first, mut answered) = watch::channel(false);
        let calls = tokio::spawn(async move {
            let mut last = Instant::now();
            loop {
                let start = Instant::now();
                let answer = browser.call("/api/account", &[]).await;
                match answer.status.as_u16() {
                    200 => last = start,
                    401 => return last,
                    _ => panic!("{} {}", answer.status, answer.body),
                }
                first.send_replace(true);
            }
        });
        answered.wait_for(|is| *is).await.unwrap();
        Self(calls)
    }

    /// For how long after `since` calls that began then were still taken.
    async fn accepted_after(self, since: Instant) -> Duration {
        let last = tokio::time::timeout(MOST * 5, self.0).await;
        last.expect("refused in the end").unwrap() - since
    }
}

#[tokio::test]
async fn what_was_ended_stays_ended_across_a_restart() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &VARIABLES).await;
    let (mut browser, mut other) = (browser_at(&process), browser_at(&process));
    browser.sign_up().await;
    other.sign_in_with(EMAIL, PASSWORD).await;
    let copy = browser.clone();
    assert!(browser.viewer().await.is_some());
    browser.sign_out().await;
    process.terminate();
    process.finish();

    let again = Process::start(&directory, &VARIABLES).await;
    let mut replay = at(&again, &copy);

    assert_eq!(replay.viewer().await, None, "RT-06");
    assert_eq!(replay.call("/api/account", &[]).await.status, 401);
    assert_eq!(replay.call("/api/refresh", &[]).await.status, 401);
    assert!(at(&again, &other).viewer().await.is_some());
}

fn browser_at(process: &Process) -> Browser {
    Browser::new(([127, 0, 0, 1], process.port).into())
}

fn at(process: &Process, browser: &Browser) -> Browser {
    let mut there = browser_at(process);
    (there.cookies, there.token) = (browser.cookies.clone(), browser.token.clone());
    there
}
