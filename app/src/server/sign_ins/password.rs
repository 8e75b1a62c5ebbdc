//! Changing a password, which ends every other sign-in of the person: whoever knew the old one may have begun it (ASVS 7.4.3).

use super::SignIns;
use super::confirming::{ConfirmError, rename};
use super::ending::to_the_end;
use crate::domain::sign_in::SignInId;
use crate::domain::user::User;
use crate::server::caller::Caller;
use crate::server::password_hash::PasswordHash;
use crate::server::secret::{Secret, SessionId};
use crate::server::store::StoreError;

impl SignIns {
    /// Keeps `new` as the password of a person who has just given the present one, and ends all their sign-ins but `id`, with
    /// which they are asking; it is confirmed by that, and a `session` gets a new id.
    ///
    /// # Errors
    /// [`ConfirmError`], also where the password was changed meanwhile; nothing has changed then.
    pub async fn change_password(
        &self,
        user: &User,
        new: PasswordHash,
        id: &SignInId,
        session: Option<&SessionId>,
        caller: &Caller,
    ) -> Result<Option<SessionId>, ConfirmError> {
        let (all, user, id, caller) = (self.clone(), user.clone(), id.clone(), caller.clone());
        let (next, renaming) = rename(session);
        let is_changed = to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let change = store.change_password(&user, &new, &id, renaming.as_ref(), &caller, now);
            let result = change.await;
            all.cache.revoke(&user.id);
            result
        });
        is_changed.await?.then_some(next).ok_or(ConfirmError::Ended)
    }

    /// Keeps `new` as the password of a person who has this link, and ends all their sign-ins. It begins none (RE-03). Says whether the
    /// link was good.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn reset_password(
        &self,
        token: &Secret,
        user: &User,
        new: PasswordHash,
        caller: &Caller,
    ) -> Result<bool, StoreError> {
        let (all, user, caller) = (self.clone(), user.clone(), caller.clone());
        let token = token.hashed();
        to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let result = store
                .reset_password(&token, &user, &new, &caller, now)
                .await;
            all.cache.revoke(&user.id);
            result
        })
        .await
    }
}
