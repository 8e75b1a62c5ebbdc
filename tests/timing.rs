//! Whether time tells who has an account. Takes a minute during which the machine should do nothing else, so `bin/timing`
//! runs it, and with it `bin/test`, but no other test run.
//!
//! The two samples are taken in turn, so that whatever slows the machine down slows both. It fails where the medians are a tenth
//! of a hash apart, or where the rank test finds a difference twice, in samples of their own and in the same direction: where
//! there is none, once in 20,000 runs (0.01 × 0.005).

use std::fmt;
use std::time::{Duration, Instant};

use app::domain::email::Email;
use app::domain::password::NewPassword;
use app::server::caller::Caller;
use app::server::client_address::ClientAddress;
use axum::Router;

use crate::support::mailbox::{Mailbox, Mood};
use crate::support::ranks::{median, p_of, z_of_ranks};
use crate::support::{EMAIL, PASSWORD, TestServer};

const SAMPLES: usize = 200;
const SIGNIFICANT: f64 = 0.01;

#[tokio::test]
#[ignore = "measures time; `bin/timing` runs it"]
async fn time_does_not_tell_whether_an_address_is_known() {
    let server = server(&[]).await;
    let time = async |email: &str| {
        let mut browser = server.browser();
        let start = Instant::now();
        browser.sign_in_with(email, "a wrong password").await;
        start.elapsed()
    };

    assert_alike("EN-02", &server, &time).await;
}

#[tokio::test]
#[ignore = "measures time; `bin/timing` runs it"]
async fn time_does_not_tell_whether_a_mail_is_sent() {
    let mailbox = Mailbox::open().await;
    let url = mailbox.url();
    let mail = [
        ("TWOFOLD_MAIL_URL", url.as_str()),
        ("TWOFOLD_CONFIRM_ADDRESSES", "off"),
    ];
    let server = server(&mail).await;
    mailbox.be(Mood::TakesItsTime(Duration::from_secs(3)));
    let time = async |email: &str| {
        let mut browser = server.browser();
        let start = Instant::now();
        browser
            .call("/api/ask_for_reset", &[("email", email)])
            .await;
        start.elapsed()
    };

    assert_alike("EN-04", &server, &time).await;
    assert!(mailbox.tries() > 5, "mails were sent meanwhile");
}

#[tokio::test]
#[ignore = "measures time; `bin/timing` runs it"]
async fn time_does_not_tell_whether_an_address_is_taken() {
    let server = server(&[("TWOFOLD_CONFIRM_ADDRESSES", "on")]).await;
    let time = async |email: &str| {
        let mut browser = server.browser();
        let start = Instant::now();
        browser.sign_up_as(email).await;
        start.elapsed()
    };

    assert_alike("EN-03", &server, &time).await;
}

/// Where Ada has an account and nobody is told to wait.
async fn server(variables: &[(&str, &str)]) -> TestServer {
    let server = TestServer::start_changed(variables, Router::new(), |config| {
        let limits = &mut config.settings.limits;
        limits.guesses_per_account = 100_000;
        limits.guesses_per_address = 100_000;
        limits.passwords_per_account = 100_000;
        limits.sign_ups_per_address = 100_000;
        limits.mails_per_address = 100_000;
        limits.mails_per_mailbox = 100_000;
    })
    .await;
    let password = NewPassword::parse(PASSWORD.to_owned(), 12).unwrap();
    let (email, accounts) = (Email::parse(EMAIL).unwrap(), &server.services.accounts);
    let (from, caller) = (ClientAddress::default(), Caller::default());
    let made = accounts.sign_up(email, &password, from, &caller).await;
    made.unwrap();
    server
}

async fn assert_alike(id: &str, server: &TestServer, time: &impl AsyncFn(&str) -> Duration) {
    for _ in 0..10 {
        time(EMAIL).await;
    }
    let first = compare(time).await;
    let hash = time_of_hash(server).await;
    println!("{id}: {first:?}, {hash:?} a hash");
    assert!(first.gap * 10 < hash, "{id}: {first:?} of {hash:?}");
    if first.p() > SIGNIFICANT {
        return;
    }
    // Once in a hundred runs that happens where there is nothing. Where there is something, it happens again, and the same one
    // takes longer.
    let second = compare(time).await;
    println!("{id}: {second:?}");
    assert!(
        second.p() > SIGNIFICANT || first.z.signum() != second.z.signum(),
        "{id}: {first:?} and {second:?}"
    );
}

/// How much longer an answer takes for a known address than for an unknown.
struct Comparison {
    gap: Duration,
    z: f64,
}

impl Comparison {
    /// How likely ranks as uneven as these are, if both samples are of one kind.
    fn p(&self) -> f64 {
        p_of(self.z)
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (gap, z, p) = (self.gap, self.z, self.p());
        write!(f, "median gap {gap:?}, z = {z:.2}, p = {p:.3}")
    }
}

async fn compare(time: &impl AsyncFn(&str) -> Duration) -> Comparison {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..SAMPLES {
        // Either first in half of the rounds, so that neither always follows the other.
        if round % 2 == 0 {
            known.push(time(EMAIL).await);
            unknown.push(time("nobody@example.com").await);
        } else {
            unknown.push(time("nobody@example.com").await);
            known.push(time(EMAIL).await);
        }
    }
    Comparison {
        gap: median(&known).abs_diff(median(&unknown)),
        z: z_of_ranks(&known, &unknown),
    }
}

/// A good sign-in is more than a hash, but not much more.
async fn time_of_hash(server: &TestServer) -> Duration {
    let mut times = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        server.browser().sign_in_with(EMAIL, PASSWORD).await;
        times.push(start.elapsed());
    }
    times.into_iter().min().unwrap()
}

#[test]
fn the_rank_test_tells_a_shift_from_none() {
    let times = |shift: u64| -> Vec<Duration> {
        let all = (0..200_u64).map(|index| 1000 + (index * 7919) % 500 + shift);
        all.map(Duration::from_micros).collect()
    };
    let nudged: Vec<_> = times(0)
        .iter()
        .map(|time| *time + Duration::from_nanos(1))
        .collect();

    let compare = |first: &[Duration], second: &[Duration]| Comparison {
        gap: Duration::ZERO,
        z: z_of_ranks(first, second),
    };

    assert!(compare(&times(0), &nudged).p() > 0.5);
    let shifted = compare(&times(0), &times(100));
    assert!(shifted.p() < 0.000_1 && shifted.z < 0.0, "{shifted:?}");
    assert!(compare(&times(100), &times(0)).z > 0.0);
    assert!((p_of(1.96) - 0.05).abs() < 0.001);
}
