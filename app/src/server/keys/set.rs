//! The keys as they are at one moment, and which of them signs.

use std::time::Duration;

use serde_json::{Value, json};

use super::file::KeyFile;
use crate::domain::sign_in::Moment;

/// How old a key is before anybody signs with it: ten seconds in which an answer of the JWK set may be kept, one until
/// every server has read the directory, and a margin for clocks that differ.
pub const PUBLISHED_FIRST: Duration = Duration::from_secs(15);

/// What a key is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, and not signing yet.
    Next,
    Signing,
    /// It signed; tokens of it may still be in use.
    Verifying,
}

/// At least one key, the oldest first.
pub struct KeySet(Vec<KeyFile>);

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Verifying => "verifying",
        }
    }
}

impl KeySet {
    /// Puts the keys in order; `None` where there is none. A key that is there twice counts as the older of the two.
    pub fn of(mut keys: Vec<KeyFile>) -> Option<Self> {
        keys.sort_by(|a, b| (a.created, a.pair.id()).cmp(&(b.created, b.pair.id())));
        let mut distinct = Vec::<KeyFile>::new();
        for key in keys {
            if distinct
                .iter()
                .all(|other| other.pair.id() != key.pair.id())
            {
                distinct.push(key);
            }
        }
        (!distinct.is_empty()).then_some(Self(distinct))
    }

    /// The key that signs at `now`: the newest that was published long enough, and else the oldest.
    pub fn signing(&self, now: Moment) -> &KeyFile {
        &self.0[self.signing_index(now)]
    }

    /// The newest, whether or not it signs yet.
    pub fn newest(&self) -> &KeyFile {
        &self.0[self.0.len() - 1]
    }

    /// The key that a token names: by exact match, and by nothing else (JW-10).
    pub fn find(&self, id: &str) -> Option<&KeyFile> {
        self.0.iter().find(|key| key.pair.id() == id)
    }

    /// The ids of all keys, the oldest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.pair.id())
    }

    /// Their secrets for what servers tell each other through a client.
    pub fn mac_keys(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.0.iter().map(|key| key.pair.mac_key())
    }

    /// Every key with what it is doing, the oldest first.
    pub fn states(&self, now: Moment) -> impl Iterator<Item = (&KeyFile, State)> {
        let signing = self.signing_index(now);
        self.0.iter().enumerate().map(move |(index, key)| {
            let state = match index.cmp(&signing) {
                std::cmp::Ordering::Less => State::Verifying,
                std::cmp::Ordering::Equal => State::Signing,
                std::cmp::Ordering::Greater => State::Next,
            };
            (key, state)
        })
    }

    /// When the key stopped signing, which is when the one after it began.
    pub fn stopped_signing(&self, id: &str) -> Option<Moment> {
        let index = self.0.iter().position(|key| key.pair.id() == id)?;
        let successor = self.0.get(index + 1)?;
        Some(successor.created.after(PUBLISHED_FIRST))
    }

    /// The public halves, for others that verify (RFC 7517 §5).
    pub fn jwks(&self) -> Value {
        let keys: Vec<_> = self.0.iter().map(|key| key.pair.public_jwk()).collect();
        json!({ "keys": keys })
    }

    fn signing_index(&self, now: Moment) -> usize {
        self.0
            .iter()
            .rposition(|key| key.created.after(PUBLISHED_FIRST) <= now)
            .unwrap_or(0)
    }
}
