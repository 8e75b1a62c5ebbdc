//! Whether time tells who has an account. Takes half a minute and an otherwise quiet machine, so `bin/timing` runs it, and no
//! other test run does.

use std::time::{Duration, Instant};

use axum::Router;

use crate::support::{EMAIL, PASSWORD, TestServer};

const SAMPLES: usize = 200;

#[tokio::test]
#[ignore = "measures time; `bin/timing` runs it"]
async fn time_does_not_tell_whether_an_address_is_known() {
    let server = TestServer::start_changed(&[], Router::new(), |config| {
        let limits = &mut config.settings.limits;
        limits.guesses_per_account = 100_000;
        limits.guesses_per_address = 100_000;
    })
    .await;
    server.browser().sign_up().await;
    let time = async |email: &str| {
        let mut browser = server.browser();
        let start = Instant::now();
        browser.sign_in_with(email, "a wrong password").await;
        start.elapsed()
    };
    for _ in 0..10 {
        time(EMAIL).await;
    }

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
    let hash = time_of_hash(&server).await;

    let gap = median(&known).abs_diff(median(&unknown));
    let p = p_of_ranks(&known, &unknown);
    println!("median gap {gap:?} of {hash:?} a hash, p = {p:.3}");
    assert!(gap * 10 < hash, "EN-02: {gap:?} of {hash:?}");
    assert!(p > 0.01, "EN-02: p = {p}");
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

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// The Mann-Whitney U test, two-sided, by the normal approximation: how likely ranks as uneven as these are, if both
/// samples are of one kind. Durations in nanoseconds have next to no ties.
fn p_of_ranks(first: &[Duration], second: &[Duration]) -> f64 {
    let wins = |one: &Duration| second.iter().filter(|other| one > *other).count();
    let u: usize = first.iter().map(wins).sum();
    let count = |sample: &[Duration]| f64::from(u32::try_from(sample.len()).unwrap());
    let (n, m) = (count(first), count(second));
    let spread = (n * m * (n + m + 1.0) / 12.0).sqrt();
    let z = (f64::from(u32::try_from(u).unwrap()) - n * m / 2.0).abs() / spread;
    complementary_error(z / std::f64::consts::SQRT_2)
}

/// Abramowitz and Stegun 7.1.26, for what is not negative; off by less than 0.0000002.
fn complementary_error(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let polynomial = terms.iter().fold(0.0, |sum, term| sum * t + term) * t;
    polynomial * (-x * x).exp()
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

    assert!(p_of_ranks(&times(0), &nudged) > 0.5);
    assert!(p_of_ranks(&times(0), &times(100)) < 0.000_1);
    assert!((complementary_error(1.96 / std::f64::consts::SQRT_2) - 0.05).abs() < 0.001);
}
