//! What time it is, and how much of it has passed. Both arrive as values, so that a test can let thirty days pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::domain::sign_in::Moment;

/// The system's clock, moved forward by as much as a test wants.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_seconds: Arc<AtomicI64>,
    /// Where a stopped clock began to count.
    stopped: Option<(Moment, Instant)>,
}

impl Clock {
    /// A clock that shows `moment` and only ever moves by [`Clock::advance`].
    pub fn stopped_at(moment: Moment) -> Self {
        Self {
            ahead_seconds: Arc::default(),
            stopped: Some((moment, Instant::now())),
        }
    }

    pub fn now(&self) -> Moment {
        let now = self.stopped.map_or_else(system_time, |(moment, _)| moment);
        now.after(self.ahead())
    }

    /// For measuring how long something takes: never goes back, whatever becomes of the system's time (MI-04).
    pub fn instant(&self) -> Instant {
        let now = self
            .stopped
            .map_or_else(Instant::now, |(_, instant)| instant);
        now + self.ahead()
    }

    /// Lets `duration` pass at once.
    pub fn advance(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        self.ahead_seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    fn ahead(&self) -> Duration {
        let seconds = self.ahead_seconds.load(Ordering::Relaxed);
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }
}

fn system_time() -> Moment {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Moment(0).after(since_epoch)
}

impl Moment {
    /// The day in words, e.g. `23 November 2026` (UTC).
    pub fn in_words(self) -> String {
        self.formatted(format_description!(
            "[day padding:none] [month repr:long] [year]"
        ))
    }

    /// The day and the minute, e.g. `23 November 2026, 09:05 UTC`.
    pub fn to_the_minute(self) -> String {
        self.formatted(format_description!(
            "[day padding:none] [month repr:long] [year], [hour]:[minute] UTC"
        ))
    }

    /// The same and the second.
    pub fn to_the_second(self) -> String {
        self.formatted(format_description!(
            "[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC"
        ))
    }

    fn formatted(self, format: &[BorrowedFormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|moment| moment.format(format).ok())
            .unwrap_or_else(|| "an unknown day".to_owned())
    }

    /// The moment as in RFC 3339, e.g. `2026-11-23T08:00:00Z`; a dash for the beginning of time.
    pub fn in_utc(self) -> String {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .filter(|_| self.0 > 0)
            .and_then(|moment| moment.format(format).ok())
            .unwrap_or_else(|| "-".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::sign_in::Moment;

    #[test]
    fn a_moment_is_told_in_utc() {
        let moment = Moment(1_795_424_705);

        assert_eq!(moment.in_words(), "23 November 2026");
        assert_eq!(moment.to_the_minute(), "23 November 2026, 09:05 UTC");
        assert_eq!(moment.to_the_second(), "23 November 2026, 09:05:05 UTC");
        assert_eq!(Moment(i64::MAX).to_the_minute(), "an unknown day");
    }
}
