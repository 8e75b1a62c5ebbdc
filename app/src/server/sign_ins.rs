//! Sign-ins: beginning one, finding it again by what the client shows, keeping it alive, ending it.
//! The same for both modes; knows neither cookies nor tokens.

use std::time::Duration;

use super::clock::Clock;
use super::device::Device;
use super::secret::{Hashed, Secret, random_text};
use super::settings::Lifetimes;
use super::store::{Rotation, SignedIn, Store, StoreError};
use crate::domain::sign_in::{Keep, Kind, Moment, SignIn, SignInId};
use crate::domain::user::User;

#[derive(Clone, Debug)]
pub struct SignIns {
    store: Store,
    clock: Clock,
    lifetimes: Lifetimes,
}

/// A token sign-in after its refresh token was spent.
#[derive(Debug)]
pub struct Renewal {
    pub signed_in: SignedIn,
    pub refresh_token: Secret,
}

/// Why a refresh token gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    #[error("there is no live sign-in behind the refresh token")]
    Ended,
    /// The browser has a newer one by now, and is not signed out.
    #[error("the refresh token was spent by the same attempt, and its successor as well")]
    Late,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIns {
    pub fn new(store: Store, clock: Clock, lifetimes: Lifetimes) -> Self {
        Self {
            store,
            clock,
            lifetimes,
        }
    }

    /// Begins a sign-in; nothing proves it yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        &self,
        user: &User,
        kind: Kind,
        keep: Keep,
        device: Device,
    ) -> Result<SignIn, StoreError> {
        let now = self.clock.now();
        let absolute_ends_at = now.after(self.lifetimes.absolute);
        let sign_in = SignIn {
            id: SignInId::from(random_text::<16>()),
            user_id: user.id.clone(),
            kind,
            keep,
            created_at: now,
            last_seen_at: now,
            idle_ends_at: self.idle_end(keep, now, absolute_ends_at),
            absolute_ends_at,
            user_agent: device.user_agent,
            address: device.address,
        };
        self.store.insert_sign_in(&sign_in).await?;
        Ok(sign_in)
    }

    /// The live sign-in with this id, marked as seen if the last time is a while ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_live(&self, id: &SignInId) -> Result<Option<SignedIn>, StoreError> {
        let now = self.clock.now();
        let found = self.store.find_live_sign_in(id, now).await?;
        if let Some(SignedIn { sign_in, .. }) = &found
            && sign_in.last_seen_at.after(self.lifetimes.touch_every) <= now
        {
            let idle_end = self.idle_end(sign_in.keep, now, sign_in.absolute_ends_at);
            self.store.touch_sign_in(id, now, idle_end).await?;
        }
        Ok(found)
    }

    /// Ends a sign-in, whichever way it is proved; a second time changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end(&self, id: &SignInId) -> Result<(), StoreError> {
        self.store.revoke_sign_in(id, self.clock.now()).await
    }

    /// Deletes sign-ins that ended longer ago than the configured time, a few at a time so that no request waits for
    /// them; says how many. Several nodes may do so at once (SE-14).
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted before stays deleted.
    pub async fn purge_ended(&self) -> Result<usize, StoreError> {
        const BATCH: usize = 100;
        const BREATH: Duration = Duration::from_millis(50);
        let before = Moment(self.clock.now().0 - seconds(self.lifetimes.keep_ended));
        let mut deleted = 0;
        loop {
            let ended = self.store.find_ended_sign_ins(before, BATCH).await?;
            for id in &ended {
                self.store.delete_sign_in(id).await?;
            }
            deleted += ended.len();
            if ended.len() < BATCH {
                return Ok(deleted);
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// The first refresh token of a token sign-in.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn first_refresh_token(&self, id: &SignInId) -> Result<Secret, StoreError> {
        let secret = Secret::random();
        self.store
            .insert_refresh_token(&secret.hashed(), id)
            .await?;
        Ok(secret)
    }

    /// Spends a refresh token. Showing one that was spent a while ago ends the whole sign-in: of the two who
    /// have it, one is a thief, and the server cannot tell which (RFC 9700 §4.14.2). It can where the one names the
    /// `attempt` that spent it: then the answer was lost, and is given again.
    ///
    /// # Errors
    /// [`RenewalError`].
    pub async fn renew(
        &self,
        presented: &Secret,
        attempt: Option<&Hashed>,
    ) -> Result<Renewal, RenewalError> {
        let now = self.clock.now();
        let grace_from = Moment(now.0 - seconds(self.lifetimes.refresh_grace));
        let rotation = self
            .store
            .rotate_refresh_token(presented, attempt, &Secret::random(), now, grace_from)
            .await?;
        let (sign_in_id, refresh_token) = match rotation {
            Rotation::Renewed {
                sign_in_id,
                successor,
            } => (sign_in_id, successor),
            Rotation::Reused { sign_in_id } => {
                let sid = sign_in_id.as_str();
                tracing::warn!(sid, "refresh token reused; sign-in ended");
                return Err(RenewalError::Ended);
            }
            Rotation::Late => return Err(RenewalError::Late),
            Rotation::Refused => return Err(RenewalError::Ended),
        };
        let signed_in = self.find_live(&sign_in_id).await?;
        Ok(Renewal {
            signed_in: signed_in.ok_or(RenewalError::Ended)?,
            refresh_token,
        })
    }

    fn idle_end(&self, keep: Keep, now: Moment, absolute_ends_at: Moment) -> Moment {
        let idle = match keep {
            Keep::WhileBrowserIsOpen => self.lifetimes.idle,
            Keep::Longer => self.lifetimes.idle_kept,
        };
        now.after(idle).min(absolute_ends_at)
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
