//! What an operator may choose, already checked. The executable's `config.rs` makes it from the environment.

use std::time::Duration;

use super::client_address::TrustedProxies;
use super::mail::carrier::MailSettings;
use super::password_hash::Recipe;

/// The settings of the product.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this server, e.g. `https://app.example.com`: the issuer of tokens, and the only origin
    /// that may send an unsafe request.
    pub origin: String,
    pub cookies: CookieSecurity,
    /// The shortest password that may be chosen, in characters; never under 8 (NIST SP 800-63B-4 §3.1.1.2).
    pub least_password_length: usize,
    pub recipe: Recipe,
    /// The address of a service that tells passwords from known breaches by the first five digits of their hash, which are
    /// appended to it.
    pub breach_range: Option<String>,
    pub lifetimes: Lifetimes,
    pub limits: Limits,
    pub trusted_proxies: TrustedProxies,
    /// How many live sign-ins a person may have; at least one.
    pub most_sign_ins: u32,
    /// Whether tokens are bound to a key of their client, where it proves to have one (RFC 9449).
    pub binds_tokens: bool,
    /// How mails are sent; `None` where none can be.
    pub mail: Option<MailSettings>,
    /// Whether an account is made only once its address is confirmed by mail (EN-03, RE-08).
    pub confirms_addresses: bool,
    /// Whether pages may open the live-reload socket of `cargo leptos watch`.
    pub live_reload: bool,
}

/// How often something may be tried.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wrong passwords for one account from one address before there is a wait, which then doubles each time (TH-01).
    pub guesses_per_account: u32,
    /// Wrong passwords from one address within an hour, for whatever account (TH-03).
    pub guesses_per_address: u32,
    /// Wrong passwords from everywhere within an hour.
    pub guesses_overall: u32,
    /// Passwords for one account within an hour, right ones too: what somebody with an account may have hashed and noted.
    pub passwords_per_account: u32,
    /// Sign-ups from one address within an hour.
    pub sign_ups_per_address: u32,
    /// Renewals and exchanges from one address within a minute.
    pub renewals_per_address: u32,
    /// Mails that one address may ask for within an hour.
    pub mails_per_address: u32,
    /// Mails of one occasion that one mailbox gets at once; they come back evenly within an hour (TH-08).
    pub mails_per_mailbox: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            guesses_per_account: 10,
            guesses_per_address: 100,
            guesses_overall: 10_000,
            passwords_per_account: 1000,
            sign_ups_per_address: 60,
            renewals_per_address: 600,
            mails_per_address: 60,
            mails_per_mailbox: 5,
        }
    }
}

/// Whether cookies are `__Host-`/`__Secure-` named and `Secure` (RFC 6265bis §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieSecurity {
    Full,
    /// For development in a browser that drops `Secure` cookies on `http://localhost` (Safari).
    PlainForDevelopment,
}

/// How long proofs last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub access_token: Duration,
    /// How long after it was spent a refresh token gets its successor once more (a lost answer is no theft).
    pub refresh_grace: Duration,
    /// A sign-in ends when it was not used for this long (SE-10) …
    pub idle: Duration,
    /// … or for this long, where the person asked to be kept signed in …
    pub idle_kept: Duration,
    /// … and this long after it began however much it is used, also across renewals (SE-11, RT-05).
    pub absolute: Duration,
    /// For how long after giving their password a person may do what is for the confirmed alone (SU-01).
    pub confirmation: Duration,
    /// How long the row of an ended sign-in stays, to tell what happened and to know a copied refresh token again.
    pub keep_ended: Duration,
    /// How long an audit event stays.
    pub keep_events: Duration,
    /// How often ended sign-ins are looked for.
    pub purge_every: Duration,
    /// A sign-in is marked as seen at most this often: one write instead of one per request (SE-10). Shorter than any time
    /// that may be set for `idle`, so that nobody who is busy is signed out.
    pub touch_every: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const HOUR: u64 = 60 * 60;
        Self {
            access_token: Duration::from_secs(5 * 60),
            refresh_grace: Duration::from_secs(10),
            idle: Duration::from_secs(12 * HOUR),
            idle_kept: Duration::from_secs(14 * 24 * HOUR),
            absolute: Duration::from_secs(30 * 24 * HOUR),
            confirmation: Duration::from_secs(10 * 60),
            keep_ended: Duration::from_secs(30 * 24 * HOUR),
            keep_events: Duration::from_secs(400 * 24 * HOUR),
            purge_every: Duration::from_secs(HOUR),
            touch_every: Duration::from_secs(60),
        }
    }
}
