//! Confirming: a person who is signed in gives their password once more, and for a while may do what a borrowed or forgotten
//! browser must not (ASVS 7.5.3, SU-01). It is a moment on the sign-in's row, so it survives whatever becomes of its proofs.

use super::SignIns;
use super::ending::to_the_end;
use crate::domain::sign_in::{SignIn, SignInId};
use crate::server::caller::Caller;
use crate::server::secret::SessionId;
use crate::server::store::{Renaming, StoreError};

/// A moment later than this node's time by at most so many seconds is another node's clock; by more it is none (MI-04).
const MOST_SECONDS_AHEAD: i64 = 60;

/// Why a sign-in is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error("the sign-in has ended meanwhile, or another tab has confirmed it with this session")]
    Ended,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIns {
    /// Whether the person gave their password within the configured time. Being busy does not prolong it.
    pub fn is_confirmed(&self, sign_in: &SignIn) -> bool {
        let now = self.clock.now();
        let is_recent = now < sign_in.authenticated_at.after(self.lifetimes.confirmation);
        is_recent && sign_in.authenticated_at.0 <= now.0.saturating_add(MOST_SECONDS_AHEAD)
    }

    /// Notes that the person has just given their password. The `session` they ask with, if it is one, gets a new id, and the
    /// old one is worth nothing from then on (SE-02); a failure leaves it as it was (SE-16).
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(
        &self,
        id: &SignInId,
        session: Option<&SessionId>,
        caller: &Caller,
    ) -> Result<Option<SessionId>, ConfirmError> {
        let (all, id, caller) = (self.clone(), id.clone(), caller.clone());
        let (next, renaming) = rename(session);
        let is_confirmed = to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let result = store.confirm_sign_in(&id, renaming.as_ref(), &caller, now);
            let result = result.await;
            all.cache.revoke(&id);
            result
        });
        is_confirmed
            .await?
            .then_some(next)
            .ok_or(ConfirmError::Ended)
    }
}

/// Another id for a session, and what the store has to know of it.
pub(super) fn rename(session: Option<&SessionId>) -> (Option<SessionId>, Option<Renaming>) {
    let next = session.map(|_| SessionId::random());
    let renaming = session.zip(next.as_ref()).map(|(from, to)| Renaming {
        from: from.hashed(),
        to: to.hashed(),
    });
    (next, renaming)
}
