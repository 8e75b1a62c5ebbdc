//! Everything that ends sign-ins, or may. Each write is followed by word to the cache, and only then by the answer: on this
//! node a revocation is felt at once.

use std::future::pending;
use std::hash::Hash;
use std::panic::resume_unwind;

use tracing::Instrument;

use super::{Credential, SignIns};
use crate::domain::sign_in::{SignIn, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::audit::Event;
use crate::server::caller::Caller;
use crate::server::secret::Secret;
use crate::server::store::{Rotation, Shown, SignedIn, StoreError, Times};

/// Why a sign-in cannot be ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is none with this id, or it is somebody else's: the two must not be told apart.
    #[error("the person has no such sign-in")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIns {
    /// Ends a sign-in, whichever way it is proved, because its person signed out; a second time changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sign_out(&self, id: &SignInId, caller: &Caller) -> Result<(), StoreError> {
        self.end(id, Event::SignedOut, caller).await
    }

    /// Ends a sign-in because the browser that had it has another now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace(&self, id: &SignInId, caller: &Caller) -> Result<(), StoreError> {
        self.end(id, Event::EndedReplaced, caller).await
    }

    async fn end(&self, id: &SignInId, event: Event, caller: &Caller) -> Result<(), StoreError> {
        let (all, id, caller) = (self.clone(), id.clone(), caller.clone());
        to_the_end(async move {
            let now = all.clock.now();
            let result = all.store.revoke_sign_in(&id, event, &caller, now).await;
            all.cache.revoke(&id);
            result
        })
        .await
    }

    /// Ends the sign-in that this person picked from their list; one that has ended already is fine.
    ///
    /// # Errors
    /// [`EndError::Unknown`] for a text that names none of theirs, also where it names somebody else's (SE-12).
    pub async fn end_picked(
        &self,
        user: &User,
        id: &str,
        caller: &Caller,
    ) -> Result<SignInId, EndError> {
        let id = SignInId::parse(id).ok_or(EndError::Unknown)?;
        let (all, owner, picked) = (self.clone(), user.id.clone(), id.clone());
        let caller = caller.clone();
        let is_theirs = to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let result = store.revoke_sign_in_of(&owner, &picked, &caller, now).await;
            all.cache.revoke(&picked);
            result
        });
        is_theirs.await?.then_some(id).ok_or(EndError::Unknown)
    }

    /// Ends every sign-in of a person but the one they are asking with.
    ///
    /// # Errors
    /// [`StoreError`]; none has ended then.
    pub async fn end_others(&self, asking: &SignedIn, caller: &Caller) -> Result<(), StoreError> {
        let spare = Some(asking.sign_in.id.clone());
        self.end_all_but(&asking.user.id, spare, caller).await
    }

    /// Ends the sign-in that a refresh token is the live one of, if it is another than that which is asking.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_other(
        &self,
        asking: &SignedIn,
        token: &Secret,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        match self.store.find_sign_in_of_live(token).await? {
            Some(id) if id != asking.sign_in.id => self.replace(&id, caller).await,
            _ => Ok(()),
        }
    }

    /// Ends every sign-in of a person.
    ///
    /// # Errors
    /// [`StoreError`]; none has ended then.
    pub async fn end_all(&self, user: &User, caller: &Caller) -> Result<(), StoreError> {
        self.end_all_but(&user.id, None, caller).await
    }

    /// Lets this node ask the store about a credential, a sign-in or a person again before it believes anything about them.
    /// For whoever changes by another way what a look-up would find: after the write was committed, before it is answered.
    pub fn forget(&self, whom: &impl Forgettable) {
        self.cache.revoke(whom);
    }

    async fn end_all_but(
        &self,
        user_id: &UserId,
        spare: Option<SignInId>,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        let (all, user_id, caller) = (self.clone(), user_id.clone(), caller.clone());
        to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let result = store
                .revoke_sign_ins_of(&user_id, spare.as_ref(), &caller, now)
                .await;
            all.cache.revoke(&user_id);
            result
        })
        .await
    }

    /// Adds a sign-in, which may end the one seen longest ago, unless the password was changed or the
    /// account disabled meanwhile. Says whether.
    pub(super) async fn add(
        &self,
        sign_in: SignIn,
        user: &User,
        caller: &Caller,
    ) -> Result<bool, StoreError> {
        let (all, user, caller) = (self.clone(), user.clone(), caller.clone());
        to_the_end(async move {
            let (store, most) = (&all.store, all.most_per_person);
            let result = store.insert_sign_in(&sign_in, &user, most, &caller).await;
            all.cache.revoke(&sign_in.user_id);
            result
        })
        .await
    }

    /// Spends a refresh token, which ends its sign-in if it was spent before.
    pub(super) async fn rotate(&self, shown: Shown, times: Times) -> Result<Rotation, StoreError> {
        let all = self.clone();
        to_the_end(async move {
            let (store, seed) = (&all.store, Secret::random());
            let rotation = store.rotate_refresh_token(&shown, &seed, times).await;
            match &rotation {
                // It has ended, or it may be bound to a key now.
                Ok(Rotation::Reused { sign_in_id } | Rotation::Renewed { sign_in_id, .. }) => {
                    all.cache.revoke(sign_in_id);
                }
                Ok(_) => {}
                // It may have ended a sign-in all the same, and nobody knows whose.
                Err(_) => all.cache.revoke_all(),
            }
            rotation
        })
        .await
    }
}

/// What the cache can be told to forget.
pub trait Forgettable: Hash {}
impl Forgettable for Credential {}
impl Forgettable for SignInId {}
impl Forgettable for UserId {}

/// Does `work` even if whoever waits for it hangs up: between the commit and the word to the cache nothing may stop it.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The process is stopping, and nobody will be answered.
        Err(_) => pending().await,
    }
}
