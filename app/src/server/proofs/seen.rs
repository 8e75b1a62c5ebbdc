//! The proofs seen lately, in two generations. Whatever is forgotten is forgotten together with every nonce that it could
//! have had, so that a full memory costs clients another nonce and never lets a proof pass twice.

use std::collections::HashSet;
use std::mem::take;

use super::{CLOCKS_APART, NONCE_LIFETIME, NotNow};
use crate::domain::sign_in::Moment;

pub(super) struct Seen {
    now: Generation,
    before: Generation,
    /// When the younger generation began.
    turned_at: Moment,
    /// Proofs whose nonce is from then or earlier may have been forgotten.
    forgotten_until: Moment,
    /// How many proofs a generation holds.
    most: usize,
}

struct Generation {
    ids: HashSet<u128>,
    /// The latest nonce in it.
    latest: Moment,
}

impl Seen {
    /// Whatever came before `start` was seen by nobody here, if it was by another process.
    pub(super) fn since(start: Moment, most: usize) -> Self {
        Self {
            now: Generation::default(),
            before: Generation::default(),
            turned_at: start,
            forgotten_until: start.after(CLOCKS_APART),
            most,
        }
    }

    /// The earliest time that a nonce may have: a second after everything that may have been forgotten.
    pub(super) fn first_nonce(&self) -> Moment {
        Moment(self.forgotten_until.0 + 1)
    }

    pub(super) fn note(&mut self, id: u128, given_at: Moment, now: Moment) -> Result<(), NotNow> {
        let is_old = self.turned_at.after(NONCE_LIFETIME) <= now;
        if is_old || self.now.ids.len() >= self.most {
            self.forgotten_until = self.forgotten_until.max(self.before.latest);
            self.before = take(&mut self.now);
            self.turned_at = now;
        }
        if given_at <= self.forgotten_until {
            return Err(NotNow::Nonce);
        }
        if self.before.ids.contains(&id) || !self.now.ids.insert(id) {
            return Err(NotNow::Replayed);
        }
        self.now.latest = self.now.latest.max(given_at);
        Ok(())
    }
}

impl Default for Generation {
    fn default() -> Self {
        Self {
            ids: HashSet::new(),
            latest: Moment(i64::MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotNow, Seen};
    use crate::domain::sign_in::Moment;

    const START: Moment = Moment(1_000);

    /// Notes a proof whose nonce was given a second before.
    fn note(seen: &mut Seen, id: u128, now: i64) -> Result<(), NotNow> {
        seen.note(id, Moment(now - 1), Moment(now))
    }

    #[test]
    fn nothing_is_taken_twice_for_as_long_as_its_nonce_is_good() {
        let mut seen = Seen::since(START, 1_000);

        for (second, id) in (0..300).zip(1_000..) {
            let again = seen.note(7, Moment(1_100), Moment(1_101 + second));
            let expected = if second == 0 {
                Ok(())
            } else {
                Err(NotNow::Replayed)
            };
            assert_eq!(again, expected, "after {second} s");
            note(&mut seen, id, 1_101 + second).unwrap();
        }
    }

    #[test]
    fn a_full_memory_asks_for_new_nonces_and_takes_nothing_twice() {
        let mut seen = Seen::since(START, 4);
        let mut taken = Vec::new();

        for id in 0..100 {
            let now = 1_100 + i64::try_from(id / 3).unwrap();
            if note(&mut seen, id, now).is_ok() {
                taken.push((id, now - 1));
            }
            for (id, given_at) in &taken {
                let again = seen.note(*id, Moment(*given_at), Moment(now));
                assert!(again.is_err(), "{id} again at {now}");
            }
        }
        assert!(taken.len() > 30, "{taken:?}");
    }

    #[test]
    fn proofs_from_before_the_start_need_another_nonce() {
        let mut seen = Seen::since(START, 10);

        assert_eq!(seen.note(1, START, START), Err(NotNow::Nonce));
        let first = seen.first_nonce();
        assert_eq!(seen.note(1, first, START), Ok(()));
    }
}
