//! The variables about limits: how often something may be tried, and which proxies say from where.

use std::time::Duration;

use app::server::client_address::TrustedProxies;
use app::server::settings::Limits;

use super::parse::{ConfigError, Variables, invalid};
use crate::server::connections::Patience;

const MOST: u32 = 1_000_000;
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// Each needs a file descriptor, of which a process usually has 1024, and the database needs some as well.
const DEFAULT_CONNECTIONS: usize = 900;
/// In production. Balancers look every few seconds.
const LEAVE_FOR_SECONDS: u64 = 5;

impl Variables {
    pub(super) fn limits(&self) -> Result<Limits, ConfigError> {
        let default = Limits::default();
        // NIST SP 800-63B-4 §3.2.2: no more than 100 failures in a row.
        let per_account = self.number(
            "TWOFOLD_GUESSES_PER_ACCOUNT",
            1..=100,
            "a number from 1 to 100",
        )?;
        let count = |name, default| {
            let number = self.number(name, 1..=MOST, "a number from 1 to 1000000")?;
            Ok::<u32, ConfigError>(number.unwrap_or(default))
        };
        Ok(Limits {
            guesses_per_account: per_account.unwrap_or(default.guesses_per_account),
            guesses_per_address: count("TWOFOLD_GUESSES_PER_ADDRESS", default.guesses_per_address)?,
            guesses_overall: count("TWOFOLD_GUESSES_OVERALL", default.guesses_overall)?,
            passwords_per_account: count(
                "TWOFOLD_PASSWORDS_PER_ACCOUNT",
                default.passwords_per_account,
            )?,
            sign_ups_per_address: count(
                "TWOFOLD_SIGN_UPS_PER_ADDRESS",
                default.sign_ups_per_address,
            )?,
            renewals_per_address: count(
                "TWOFOLD_RENEWALS_PER_ADDRESS",
                default.renewals_per_address,
            )?,
            mails_per_address: count("TWOFOLD_MAILS_PER_ADDRESS", default.mails_per_address)?,
            mails_per_mailbox: count("TWOFOLD_MAILS_PER_MAILBOX", default.mails_per_mailbox)?,
        })
    }

    pub(super) fn patience(&self, is_production: bool) -> Result<Patience, ConfigError> {
        let most = self.number(
            "TWOFOLD_MOST_CONNECTIONS",
            10..=100_000,
            "a number from 10 to 100000",
        )?;
        let leave = self.number(
            "TWOFOLD_LEAVE_SECONDS",
            0..=300,
            "a number of seconds from 0 to 300",
        )?;
        let default = if is_production { LEAVE_FOR_SECONDS } else { 0 };
        Ok(Patience {
            head_within: HEAD_WITHIN,
            most_connections: most.unwrap_or(DEFAULT_CONNECTIONS),
            leave_for: Duration::from_secs(leave.unwrap_or(default)),
        })
    }

    pub(super) fn trusted_proxies(&self) -> Result<TrustedProxies, ConfigError> {
        const NAME: &str = "TWOFOLD_TRUSTED_PROXIES";
        let Some(value) = self.text(NAME) else {
            return Ok(TrustedProxies::default());
        };
        TrustedProxies::parse(value).map_or_else(
            || {
                invalid(
                    NAME,
                    value,
                    "addresses and networks like 127.0.0.1,10.0.0.0/8",
                )
            },
            Ok,
        )
    }
}
