//! What time it is. It arrives as a value, so that a test can let thirty days pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::macros::format_description;

use crate::domain::sign_in::Moment;

/// The system's clock, moved forward by as much as a test wants.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_seconds: Arc<AtomicI64>,
    is_stopped: bool,
}

impl Clock {
    /// A clock that shows `moment` and only ever moves by [`Clock::advance`].
    pub fn stopped_at(moment: Moment) -> Self {
        Self {
            ahead_seconds: Arc::new(AtomicI64::new(moment.0)),
            is_stopped: true,
        }
    }

    pub fn now(&self) -> Moment {
        if self.is_stopped {
            return Moment(self.ahead_seconds.load(Ordering::Relaxed));
        }
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment(self.ahead_seconds.load(Ordering::Relaxed)).after(since_epoch)
    }

    /// Lets `duration` pass at once.
    pub fn advance(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        self.ahead_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Moment {
    /// The day in words, e.g. `23 November 2026` (UTC).
    pub fn in_words(self) -> String {
        let format = format_description!("[day padding:none] [month repr:long] [year]");
        OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|moment| moment.format(format).ok())
            .unwrap_or_else(|| "an unknown day".to_owned())
    }
}
