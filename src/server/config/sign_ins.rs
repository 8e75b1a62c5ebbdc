//! The variables about sign-ins: how long they last, how many a person may have, how long they are remembered.

use std::time::Duration;

use app::server::settings::Lifetimes;

use super::parse::{ConfigError, Variables, invalid};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
const DEFAULT_PER_PERSON: u32 = 50;

impl Variables {
    pub(super) fn lifetimes(&self) -> Result<Lifetimes, ConfigError> {
        let default = Lifetimes::default();
        let minutes = "a number of minutes from 5 to 43200";
        // 400 days are the most that a browser keeps a cookie (RFC 6265bis §5.6.1).
        let days = "a number of days from 1 to 400";
        let kept = "a number of days from 0 to 3650";
        let confirmed = "a number of minutes from 1 to 1440";
        let confirmation = self.number("TWOFOLD_CONFIRM_MINUTES", 1..=1440, confirmed)?;
        let idle = self.number("TWOFOLD_IDLE_MINUTES", 5..=43_200, minutes)?;
        let idle_kept = self.number("TWOFOLD_IDLE_DAYS_KEPT", 1..=400, days)?;
        let absolute = self.number("TWOFOLD_SIGN_IN_DAYS", 1..=400, days)?;
        let keep_ended = self.number("TWOFOLD_KEEP_ENDED_DAYS", 0..=3650, kept)?;
        let noted = "a number of days from 1 to 3650";
        let keep_events = self.number("TWOFOLD_AUDIT_DAYS", 1..=3650, noted)?;
        Ok(Lifetimes {
            idle: duration(idle, MINUTE).unwrap_or(default.idle),
            idle_kept: duration(idle_kept, DAY).unwrap_or(default.idle_kept),
            absolute: duration(absolute, DAY).unwrap_or(default.absolute),
            confirmation: duration(confirmation, MINUTE).unwrap_or(default.confirmation),
            keep_ended: duration(keep_ended, DAY).unwrap_or(default.keep_ended),
            keep_events: duration(keep_events, DAY).unwrap_or(default.keep_events),
            ..default
        })
    }

    pub(super) fn binds_tokens(&self) -> Result<bool, ConfigError> {
        const NAME: &str = "TWOFOLD_BIND_TOKENS";
        match self.text(NAME) {
            None | Some("on") => Ok(true),
            Some("off") => Ok(false),
            Some(value) => invalid(NAME, value, "on or off"),
        }
    }

    pub(super) fn most_sign_ins(&self) -> Result<u32, ConfigError> {
        let most = self.number(
            "TWOFOLD_SIGN_INS_PER_PERSON",
            1..=1000,
            "a number from 1 to 1000",
        )?;
        Ok(most.unwrap_or(DEFAULT_PER_PERSON))
    }
}

fn duration(count: Option<u64>, seconds_each: u64) -> Option<Duration> {
    count.map(|count| Duration::from_secs(count * seconds_each))
}
