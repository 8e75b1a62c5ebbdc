//! Changing a password, which ends every other sign-in of the person: whoever knew the old one may have begun it (ASVS 7.4.3).

use super::SignIns;
use super::ending::to_the_end;
use crate::server::caller::Caller;
use crate::server::password_hash::PasswordHash;
use crate::server::store::{SignedIn, StoreError};

impl SignIns {
    /// Keeps `new` as the password of the person, and ends all their sign-ins but the one they are asking with.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn change_password(
        &self,
        asking: &SignedIn,
        new: PasswordHash,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        let (all, caller) = (self.clone(), caller.clone());
        let (user_id, spare) = (asking.user.id.clone(), asking.sign_in.id.clone());
        to_the_end(async move {
            let (store, now) = (&all.store, all.clock.now());
            let change = store.change_password(&user_id, &new, &spare, &caller, now);
            let result = change.await;
            all.cache.revoke(&user_id);
            result
        })
        .await
    }
}
