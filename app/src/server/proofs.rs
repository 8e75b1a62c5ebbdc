//! What makes a proof of possession good once and only now (RFC 9449 §8, §11.1): nonces, which any node with the same keys
//! gives and takes, and a memory of the proofs that this process has seen. Knows no HTTP.

mod nonce;
mod seen;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use self::seen::Seen;
use super::clock::Clock;
use super::keys::set::KeySet;
use crate::domain::sign_in::Moment;

/// How long a nonce is good for, and so how long a proof has to be remembered.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// How far ahead the clock of the node may be that gave a nonce.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// How many proofs are remembered before nonces get older than they have to: at 32 bytes each about 30 MB in two generations,
/// which a thousand calls a second do not fill.
const MOST: usize = 400_000;

/// The memory of one process. Proofs that came before its start, or that there was no more room for, are refused with their
/// nonces, and so never taken twice.
pub struct Proofs {
    clock: Clock,
    seen: Mutex<Seen>,
}

/// A proof that this process has not seen before.
#[derive(Clone, Copy, Debug)]
pub struct TakenProof {
    pub number: u128,
    /// When no node takes its nonce any more.
    pub good_until: Moment,
}

/// Why a proof is not good now, although its signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The client gets another nonce and tries again.
    #[error("its nonce is missing, not ours, or too old")]
    Nonce,
    #[error("it was seen before")]
    Replayed,
}

impl Proofs {
    pub fn new(clock: Clock) -> Self {
        let seen = Mutex::new(Seen::since(clock.now(), MOST));
        Self { clock, seen }
    }

    /// What the next proof has to have in it.
    pub fn nonce(&self, keys: &KeySet) -> String {
        let now = self.clock.now();
        let at = now.max(self.lock().first_nonce());
        nonce::at(at, keys.signing(now).pair.mac_key())
    }

    /// Takes the proof `id` of the key `thumbprint`, once.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn take(
        &self,
        keys: &KeySet,
        nonce: Option<&str>,
        thumbprint: &str,
        id: &str,
    ) -> Result<TakenProof, NotNow> {
        let now = self.clock.now();
        let mut seen = self.lock();
        let latest = now.after(CLOCKS_APART).max(seen.first_nonce());
        let given_at = nonce
            .and_then(|nonce| nonce::read(nonce, keys))
            .filter(|at| *at > now.before(NONCE_LIFETIME) && *at <= latest)
            .ok_or(NotNow::Nonce)?;
        let number = number_of(thumbprint, id);
        seen.note(number, given_at, now)?;
        Ok(TakenProof {
            number,
            good_until: given_at.after(NONCE_LIFETIME + CLOCKS_APART),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Half a hash: two proofs that share one are not found by trying.
fn number_of(thumbprint: &str, id: &str) -> u128 {
    let digest = Sha256::new()
        .chain_update(thumbprint)
        .chain_update(" ")
        .chain_update(id)
        .finalize();
    digest
        .iter()
        .take(16)
        .fold(0, |number, byte| (number << 8) | u128::from(*byte))
}
