//! How often something may be tried, and by whom. Counts are in the database: they survive a restart, and all nodes share
//! them (MI-02). Knows no Leptos and no HTTP.
//!
//! A password may be guessed by somebody at an address, who tries one account or many, or by many at once. So a guess is
//! counted for the account from this address, for the account, for the address and for everybody. Whoever signed in to
//! the account in this browser before has a count of their own, which nobody else can use up (TH-02).

use std::time::Duration;

use super::client_address::ClientAddress;
use super::clock::Clock;
use super::mail::Occasion;
use super::secret::Hashed;
use super::settings::Limits;
use super::store::{Bucket, Full, Rule, Store, StoreError};
use crate::domain::email::Email;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// After the free guesses, the first wait; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = HOUR;
/// For strangers at one account (NIST SP 800-63B-4 §3.2.2 has no more failures in a row than this). They come back evenly
/// over a day, so that nobody closes an account for good. Known browsers are not counted here.
const GUESSES_PER_ACCOUNT_FROM_ANYWHERE: u32 = 100;

/// Who tries.
#[derive(Clone, Debug, Default)]
pub struct Guesser {
    pub address: ClientAddress,
    /// The hash of what this browser keeps since an earlier sign-in, if it does.
    pub device: Option<Hashed>,
}

#[derive(Clone, Debug)]
pub struct Throttle {
    store: Store,
    clock: Clock,
    limits: Limits,
}

/// A guess that may be made, and is counted as a wrong one until something else is said.
#[derive(Debug)]
#[must_use]
pub struct Guess {
    /// By success, that of this guesser is emptied, and that of everybody at this account given back.
    account: Vec<Bucket>,
    /// Given back by success: one wrong guess stays one wrong guess, whatever else somebody gets right (TH-10).
    shared: Vec<Bucket>,
    /// Kept whatever comes of it: each costs a hash and a row, also where the password is right.
    shown: Vec<Bucket>,
}

/// Why something may not be tried now.
#[derive(Debug, thiserror::Error)]
pub enum Throttled {
    #[error("tried too often; wait {wait:?}")]
    Wait { wait: Duration, limit: Limit },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What refused a try.
#[derive(Clone, Debug)]
pub struct Limit {
    pub key: String,
    /// Whether it counts the tries at one account, and not those of an address or of everybody.
    pub is_of_account: bool,
}

impl Throttle {
    pub fn new(store: Store, clock: Clock, limits: Limits) -> Self {
        Self {
            store,
            clock,
            limits,
        }
    }

    /// Counts a guess at the password of the account with this address, which need not exist.
    ///
    /// # Errors
    /// [`Throttled::Wait`]: the password must not even be looked at (TH-09).
    pub async fn guess(&self, email: &Email, guesser: &Guesser) -> Result<Guess, Throttled> {
        let guess = match &guesser.device {
            Some(device) if self.knows(device, email).await? => Guess {
                account: vec![self.account_from(email, device.as_str())],
                shared: vec![],
                shown: vec![self.shown(email)],
            },
            _ => self.guess_of_stranger(email, guesser.address),
        };
        let of_account = [&guess.account[..], &guess.shown].concat();
        self.count(&of_account, &guess.shared).await?;
        Ok(guess)
    }

    /// The guess was right.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn was_right(&self, guess: Guess) -> Result<(), StoreError> {
        for bucket in &guess.account {
            match bucket.rule {
                Rule::Growing { .. } => self.store.forget_tries(bucket).await?,
                // Strangers share it: emptied, it would give them a hundred more whenever the owner signs in.
                Rule::Steady { .. } => self.store.return_try(bucket).await?,
            }
        }
        self.give_back(&guess.shared).await
    }

    /// The guess was never looked at.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn was_not_made(&self, guess: Guess) -> Result<(), StoreError> {
        self.give_back(&guess.account).await?;
        self.give_back(&guess.shown).await?;
        self.give_back(&guess.shared).await
    }

    /// Counts a sign-up.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn sign_up(&self, address: ClientAddress) -> Result<(), Throttled> {
        let budget = self.limits.sign_ups_per_address;
        let from = steady("sign-up", &address.network(), budget, HOUR);
        self.count(&[], &[from]).await
    }

    /// Counts a renewal, or an exchange of one proof for another. Nobody guesses a refresh token; this bounds the work.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn renewal(&self, address: ClientAddress) -> Result<(), Throttled> {
        let budget = self.limits.renewals_per_address;
        let from = steady("renewal", &address.network(), budget, MINUTE);
        self.count(&[], &[from]).await
    }

    /// Counts a mail that somebody at `address` asks for.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn asked_mail(&self, address: ClientAddress) -> Result<(), Throttled> {
        let budget = self.limits.mails_per_address;
        let from = steady("mail asked", &address.network(), budget, HOUR);
        self.count(&[], &[from]).await
    }

    /// Counts a mail to one mailbox, whoever asked for it (TH-08). Each occasion has a count of its own, and so have all spellings of an
    /// address with a tag together, where anybody may ask: nobody can use up what somebody else waits for, or what the owner must be
    /// told.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn mail(&self, email: &Email, occasion: Occasion) -> Result<(), Throttled> {
        let budget = self.limits.mails_per_mailbox;
        let kind = format!("mail {}", occasion.as_str());
        let to = match email.without_tag() {
            Some(mailbox) if occasion.is_asked_by_anybody() => {
                steady(&format!("{kind} by tag"), &mailbox, budget, HOUR)
            }
            _ => steady(&kind, email.as_str(), budget, HOUR),
        };
        self.count(&[to], &[]).await
    }

    /// Forgets the wrong guesses of whoever has set a new password by mail: they proved more than a guess does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_guesses(&self, email: &Email, guesser: &Guesser) -> Result<(), StoreError> {
        let network = guesser.address.network();
        let device = guesser.device.as_ref().map(Hashed::as_str);
        for whence in [Some(network.as_str()), device].into_iter().flatten() {
            let bucket = self.account_from(email, whence);
            self.store.forget_tries(&bucket).await?;
        }
        Ok(())
    }

    /// Counts a guess at the password of a sign-up by whoever has its link. It needs the link already, so it is none of the guesses at
    /// an account, which strangers can use up.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn guess_by_link(
        &self,
        token: &Hashed,
        guesser: &Guesser,
    ) -> Result<Guess, Throttled> {
        let network = guesser.address.network();
        let by_link = self.growing("link", &format!("{} from {network}", token.as_str()));
        let from = steady("address", &network, self.limits.guesses_per_address, HOUR);
        let guess = Guess {
            account: vec![by_link],
            shared: vec![from],
            shown: vec![],
        };
        self.count(&guess.account, &guess.shared).await?;
        Ok(guess)
    }

    fn guess_of_stranger(&self, email: &Email, address: ClientAddress) -> Guess {
        let Limits {
            guesses_per_address,
            guesses_overall,
            ..
        } = self.limits;
        let network = address.network();
        let anywhere = GUESSES_PER_ACCOUNT_FROM_ANYWHERE.max(self.limits.guesses_per_account);
        Guess {
            account: vec![
                self.account_from(email, &network),
                steady("account", email.as_str(), anywhere, DAY),
            ],
            shared: vec![
                steady("address", &network, guesses_per_address, HOUR),
                steady("everybody", "", guesses_overall, HOUR),
            ],
            shown: vec![self.shown(email)],
        }
    }

    /// Strangers get to a hundred wrong ones a day, which is far from what fills it: they keep nobody out by this.
    fn shown(&self, email: &Email) -> Bucket {
        let budget = self.limits.passwords_per_account;
        steady("shown", email.as_str(), budget, HOUR)
    }

    fn account_from(&self, email: &Email, whence: &str) -> Bucket {
        self.growing("guesser", &format!("{} from {whence}", email.as_str()))
    }

    fn growing(&self, kind: &str, whom: &str) -> Bucket {
        Bucket {
            key: key(kind, whom),
            rule: Rule::Growing {
                free: self.limits.guesses_per_account,
                first_wait: FIRST_WAIT,
                longest_wait: LONGEST_WAIT,
                forget_after: DAY,
            },
        }
    }

    async fn knows(&self, device: &Hashed, email: &Email) -> Result<bool, StoreError> {
        let now = self.clock.now();
        self.store.knows_device(device, email, now).await
    }

    /// The narrowest count first: what it refuses is not counted against anybody else.
    async fn count(&self, of_account: &[Bucket], shared: &[Bucket]) -> Result<(), Throttled> {
        let all = [of_account, shared].concat();
        let counted = self.store.count_try(&all, self.clock.now()).await?;
        counted.map_err(|Full { wait, bucket }| {
            let limit = Limit {
                is_of_account: of_account.iter().any(|own| own.key == bucket),
                key: bucket,
            };
            Throttled::Wait { wait, limit }
        })
    }

    async fn give_back(&self, buckets: &[Bucket]) -> Result<(), StoreError> {
        for bucket in buckets {
            self.store.return_try(bucket).await?;
        }
        Ok(())
    }
}

fn steady(kind: &str, whom: &str, budget: u32, per: Duration) -> Bucket {
    Bucket {
        key: key(kind, whom),
        rule: Rule::Steady { budget, per },
    }
}

fn key(kind: &str, whom: &str) -> String {
    format!("{kind} {}", Hashed::of(whom).as_str())
}
