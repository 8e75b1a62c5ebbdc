//! Sign-ins: beginning one, finding it again by what the client shows, keeping it alive, ending it.
//! The same for both modes; knows neither cookies nor tokens.

pub mod exchange;

mod confirming;
mod ending;
mod identifying;
mod identity_cache;
mod password;

use super::batches::delete_in_batches;
use super::caller::Caller;
use super::clock::Clock;
use super::secret::{Secret, random_text};
use super::settings::Lifetimes;
use super::store::{Rotation, Shown, SignedIn, Store, StoreError, Times};
use crate::domain::sign_in::{Keep, Kind, Moment, SignIn, SignInId};
use crate::domain::user::User;

pub use confirming::ConfirmError;
pub use ending::EndError;
pub use identifying::{Policy, Proof};
pub use identity_cache::Credential;

use self::identity_cache::IdentityCache;

#[derive(Clone, Debug)]
pub struct SignIns {
    store: Store,
    clock: Clock,
    lifetimes: Lifetimes,
    most_per_person: u32,
    /// Of this process alone; whatever ends a sign-in must tell it.
    cache: IdentityCache,
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
    /// The browser has a newer one by now, or somebody has a copy: it asks once more under another name.
    #[error("the refresh token was spent by the same attempt, and its successor as well")]
    Overtaken,
    /// The browser has a session by now, and is not signed out.
    #[error("the refresh token was exchanged for a session")]
    Late,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no sign-in begins.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error("the password has been changed, or the account disabled, since it was proved")]
    Outdated,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIns {
    pub fn new(store: Store, clock: Clock, lifetimes: Lifetimes, most_per_person: u32) -> Self {
        Self {
            store,
            clock,
            lifetimes,
            most_per_person,
            cache: IdentityCache::new(),
        }
    }

    /// Begins a sign-in; nothing proves it yet. It never fails because the person has many: where it is one more than
    /// allowed, the one seen longest ago ends (SE-13, OWASP ASVS 7.1.2).
    ///
    /// # Errors
    /// [`BeginError`].
    pub async fn begin(
        &self,
        user: &User,
        kind: Kind,
        keep: Keep,
        caller: &Caller,
    ) -> Result<SignIn, BeginError> {
        let now = self.clock.now();
        let absolute_ends_at = now.after(self.lifetimes.absolute);
        let sign_in = SignIn {
            id: SignInId::from(random_text::<16>()),
            user_id: user.id.clone(),
            kind,
            keep,
            created_at: now,
            last_seen_at: now,
            authenticated_at: now,
            idle_ends_at: self.idle_end(keep, now, absolute_ends_at),
            absolute_ends_at,
            user_agent: caller.device.user_agent.clone(),
            address: caller.device.address.clone(),
            bound_to: None,
        };
        let has_begun = self.add(sign_in.clone(), user, caller).await?;
        has_begun.then_some(sign_in).ok_or(BeginError::Outdated)
    }

    /// Binds the tokens of a sign-in to a key from now on, or to none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind(&self, sign_in: &mut SignIn, key: Option<String>) -> Result<(), StoreError> {
        if sign_in.bound_to != key {
            self.store.bind_sign_in(&sign_in.id, key.as_deref()).await?;
            self.forget(&sign_in.id);
            sign_in.bound_to = key;
        }
        Ok(())
    }

    /// The key that a refresh token is bound to, or was when it was spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key_of(&self, token: &Secret) -> Result<Option<String>, StoreError> {
        self.store.find_key_of(token).await
    }

    /// The sign-in that a refresh token is of, whether it is spent or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn id_of(&self, token: &Secret) -> Result<Option<SignInId>, StoreError> {
        self.store.find_sign_in_of(token).await
    }

    /// The live sign-in with this id, marked as seen if the last time is a while ago.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_live(&self, id: &SignInId) -> Result<Option<SignedIn>, StoreError> {
        let now = self.clock.now();
        let mut found = self.store.find_live_sign_in(id, now).await?;
        let stale = now.before(self.lifetimes.touch_every);
        if let Some(SignedIn { sign_in, .. }) = &mut found
            && sign_in.last_seen_at <= stale
        {
            let idle_end = self.idle_end(sign_in.keep, now, sign_in.absolute_ends_at);
            self.store.touch_sign_in(id, now, idle_end, stale).await?;
            (sign_in.last_seen_at, sign_in.idle_ends_at) = (now, idle_end);
        }
        Ok(found)
    }

    /// Every live sign-in of a person: the one they are asking with first, then the one seen last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn live_of(&self, asking: &SignedIn) -> Result<Vec<SignIn>, StoreError> {
        let now = self.clock.now();
        let mut live = self.store.find_live_sign_ins(&asking.user.id, now).await?;
        live.sort_by_key(|sign_in| sign_in.id != asking.sign_in.id);
        Ok(live)
    }

    /// Deletes sign-ins that ended longer ago than the configured time; says how many. Several nodes may do so at once (SE-14).
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted before stays deleted.
    pub async fn purge_ended(&self) -> Result<usize, StoreError> {
        let before = self.clock.now().before(self.lifetimes.keep_ended);
        let store = &self.store;
        let find = |most| store.find_ended_sign_ins(before, most);
        let delete = |id: SignInId| async move { store.delete_sign_in(&id).await };
        delete_in_batches(find, delete).await
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
    /// attempt that spent it: then the answer was lost, and is given again.
    ///
    /// # Errors
    /// [`RenewalError`].
    pub async fn renew(&self, shown: Shown) -> Result<Renewal, RenewalError> {
        let rotation = self.rotate(shown, self.times()).await?;
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
            Rotation::Overtaken => return Err(RenewalError::Overtaken),
            Rotation::Late => return Err(RenewalError::Late),
            Rotation::Refused => return Err(RenewalError::Ended),
        };
        let signed_in = self.find_live(&sign_in_id).await?;
        Ok(Renewal {
            signed_in: signed_in.ok_or(RenewalError::Ended)?,
            refresh_token,
        })
    }

    fn times(&self) -> Times {
        let now = self.clock.now();
        Times {
            now,
            grace_from: now.before(self.lifetimes.refresh_grace),
        }
    }

    fn idle_end(&self, keep: Keep, now: Moment, absolute_ends_at: Moment) -> Moment {
        let idle = match keep {
            Keep::WhileBrowserIsOpen => self.lifetimes.idle,
            Keep::Longer => self.lifetimes.idle_kept,
        };
        now.after(idle).min(absolute_ends_at)
    }
}
