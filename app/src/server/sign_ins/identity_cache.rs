//! Who was signed in a moment ago: identities that the store confirmed, for a second at most. It knows credentials by their
//! hash only. Nothing is dropped from it for being revoked: a revocation is numbered, and an entry counts only while no
//! revocation that may mean it is newer than the look-up it came from.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::domain::sign_in::Moment;
use crate::server::store::SignedIn;

/// How long an entry counts, from before its look-up began: what another node revokes is felt here within this time.
const LONGEST: Duration = Duration::from_secs(1);
/// Some 20 MB where every browser and address is as long as can be.
const MOST_ENTRIES: usize = 20_000;
/// Of every revocation the number is kept in one of so many places. Two that share one cost a look-up too many.
const PLACES: usize = 16 * 1024;

/// What a request shows: a hash, from which nobody gets the cookie or the token back. A session's id is never taken for a
/// token, nor the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Credential([u8; 32]);

/// Cheap to clone; all clones are one.
#[derive(Clone)]
pub(super) struct IdentityCache(Arc<Inner>);

struct Inner {
    entries: Cache<Credential, Arc<Entry>>,
    revocations: Revocations,
}

struct Entry {
    signed_in: Arc<SignedIn>,
    /// What was known before the look-up began.
    before: Before,
    /// From here on it has ended by itself, or is due to be marked as seen.
    until: Moment,
    places: [usize; 3],
}

/// A look-up that is about to begin.
pub(super) struct LookUp {
    credential: Credential,
    before: Before,
}

#[derive(Clone, Copy)]
struct Before {
    instant: Instant,
    revocation: u64,
}

/// The number of the last revocation, and of the last one for each place.
struct Revocations {
    last: AtomicU64,
    last_at: Box<[AtomicU64]>,
    /// Of the last one that may mean anybody.
    last_for_all: AtomicU64,
    /// With random keys, so that nobody chooses whose place they share.
    hasher: RandomState,
}

impl Credential {
    pub fn of_session(id: &str) -> Self {
        Self::digest("session", [], id)
    }

    /// The ids of the keys belong to it, so that no token outlives its key here.
    pub fn of_token<'a>(token: &str, key_ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self::digest("token", key_ids, token)
    }

    fn digest<'a>(kind: &str, key_ids: impl IntoIterator<Item = &'a str>, text: &str) -> Self {
        let mut digest = Sha256::new_with_prefix(kind);
        for id in key_ids {
            digest.update([0]);
            digest.update(id);
        }
        digest.update([0, 0]);
        digest.update(text);
        Self(digest.finalize().into())
    }
}

impl IdentityCache {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner {
            entries: Cache::new(MOST_ENTRIES),
            revocations: Revocations::new(),
        }))
    }

    /// Who `credential` belonged to a moment ago, if that still counts.
    pub(super) fn recall(
        &self,
        credential: Credential,
        instant: Instant,
        now: Moment,
    ) -> Option<Arc<SignedIn>> {
        let entry = self.0.entries.get(&credential)?;
        let is_recent = instant.saturating_duration_since(entry.before.instant) < LONGEST;
        let is_revoked = self.0.revocations.is_any_after(&entry);
        (is_recent && now < entry.until && !is_revoked).then(|| Arc::clone(&entry.signed_in))
    }

    /// Must be called before the store is asked for anything: what is revoked from here on makes the answer worthless.
    pub(super) fn begin(&self, credential: Credential, instant: Instant) -> LookUp {
        let revocation = self.0.revocations.last.load(Ordering::SeqCst);
        LookUp {
            credential,
            before: Before {
                instant,
                revocation,
            },
        }
    }

    /// Keeps what the look-up found. Should a revocation have overtaken it, the entry never counts.
    pub(super) fn remember(&self, look_up: LookUp, signed_in: Arc<SignedIn>, until: Moment) {
        let revocations = &self.0.revocations;
        let entry = Entry {
            places: [
                revocations.place(&look_up.credential),
                revocations.place(&signed_in.sign_in.id),
                revocations.place(&signed_in.user.id),
            ],
            signed_in,
            before: look_up.before,
            until,
        };
        self.0.entries.insert(look_up.credential, Arc::new(entry));
    }

    /// The same for everything, where it is not known what was revoked.
    pub(super) fn revoke_all(&self) {
        self.0.revocations.add_all();
    }

    /// Lets nothing count any more that was looked up before now for this credential, sign-in or person. Must be called
    /// after the revocation was committed, and before anybody is told of it.
    pub(super) fn revoke(&self, whom: &impl Hash) {
        self.0.revocations.add(whom);
    }
}

impl Revocations {
    fn new() -> Self {
        Self {
            last: AtomicU64::new(0),
            last_at: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            last_for_all: AtomicU64::new(0),
            hasher: RandomState::new(),
        }
    }

    /// The number first: a look-up that begins between the two lines asks the store after the commit.
    fn add(&self, whom: &impl Hash) {
        let number = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        self.last_at[self.place(whom)].fetch_max(number, Ordering::SeqCst);
    }

    fn add_all(&self) {
        let number = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        self.last_for_all.fetch_max(number, Ordering::SeqCst);
    }

    fn is_any_after(&self, entry: &Entry) -> bool {
        let places = entry.places.iter().map(|place| &self.last_at[*place]);
        places
            .chain([&self.last_for_all])
            .any(|last| last.load(Ordering::SeqCst) > entry.before.revocation)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "any bits of a hash are as good as others"
    )]
    fn place(&self, whom: &impl Hash) -> usize {
        self.hasher.hash_one(whom) as usize % PLACES
    }
}

impl fmt::Debug for IdentityCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityCache(…)")
    }
}

#[cfg(test)]
mod tests;
