//! Whether two samples of times are of one kind.

use std::time::Duration;

pub fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// The Mann-Whitney U test by the normal approximation: by how many standard deviations `first` is the slower one. Durations in
/// nanoseconds have next to no ties.
pub fn z_of_ranks(first: &[Duration], second: &[Duration]) -> f64 {
    let wins = |one: &Duration| second.iter().filter(|other| one > *other).count();
    let u: usize = first.iter().map(wins).sum();
    let count = |sample: &[Duration]| f64::from(u32::try_from(sample.len()).unwrap());
    let (n, m) = (count(first), count(second));
    let spread = (n * m * (n + m + 1.0) / 12.0).sqrt();
    (f64::from(u32::try_from(u).unwrap()) - n * m / 2.0) / spread
}

/// Of a `z` in either direction: how likely ranks as uneven as these are, if both samples are of one kind.
pub fn p_of(z: f64) -> f64 {
    complementary_error(z.abs() / std::f64::consts::SQRT_2)
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
