//! A sign-in: one row per cookie session or token family. Both proofs name it, so both can be listed and ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::user::UserId;

/// Names the row, and no more: the token's `sid` claim, and what a person's list of sign-ins ends them by. It is no secret,
/// because nothing takes it for a proof: a session and a refresh token are found by the hash of a secret of their own,
/// `sid` counts only under the server's signature, and a row is ended only for the person it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SignInId(String);

const LENGTH: usize = 22;

/// How a sign-in is proved after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Cookie,
    Token,
}

/// Whether the person asked to stay signed in when the browser closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    WhileBrowserIsOpen,
    Longer,
}

/// A point in time: whole seconds since 1970 (UTC), as RFC 7519 counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub id: SignInId,
    pub user_id: UserId,
    pub kind: Kind,
    pub keep: Keep,
    pub created_at: Moment,
    pub last_seen_at: Moment,
    /// When the person gave their password last; being busy does not move it.
    pub authenticated_at: Moment,
    /// Ends here when it is not used; moves forward with use.
    pub idle_ends_at: Moment,
    /// Ends here however much it is used.
    pub absolute_ends_at: Moment,
    pub user_agent: String,
    pub address: String,
    /// The RFC 7638 thumbprint of the key without which its tokens are worth nothing.
    pub bound_to: Option<String>,
}

impl From<String> for SignInId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl SignInId {
    /// Takes what a client sends: 128 bits in base64url, as every id is written. No other text names a row.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_id = text.len() == LENGTH && text.bytes().all(is_part);
        is_id.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Token => "token",
        }
    }

    /// The name people read.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Cookie => "cookie session",
            Self::Token => "JWT",
        }
    }
}

impl Keep {
    /// What the box `Keep me signed in` says.
    pub fn from_choice(is_ticked: bool) -> Self {
        if is_ticked {
            Self::Longer
        } else {
            Self::WhileBrowserIsOpen
        }
    }
}

impl Moment {
    /// The moment `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(duration.as_secs()))
    }

    /// The moment `duration` earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(duration.as_secs()))
    }
}
