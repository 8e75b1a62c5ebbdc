//! SQL for changing a password.

use super::audit_events::note;
use super::confirmations::{Renaming, confirm};
use super::endings::end_those_of;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::domain::user::User;
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::password_hash::PasswordHash;

impl Store {
    /// Keeps `new` as the password of a person who has just given the present one, confirms the sign-in they did it with, ends all
    /// their others, and knows none of their browsers any more. Says whether it could be done; else nothing was, because the sign-in
    /// has ended meanwhile, the password been changed, or the account disabled.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn change_password(
        &self,
        user: &User,
        new: &PasswordHash,
        asking: &SignInId,
        renaming: Option<&Renaming>,
        caller: &Caller,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // The row of the person is locked by that: whatever else ends or begins their sign-ins comes before or after.
        let changed = sqlx::query(
            "UPDATE users SET password_hash = $1, password_version = password_version + 1 \
             WHERE id = $2 AND password_version = $3 AND disabled_at IS NULL",
        )
        .bind(new.as_phc())
        .bind(user.id.as_str())
        .bind(user.password_version)
        .execute(&mut *transaction)
        .await?;
        let is_changed = changed.rows_affected() == 1;
        if !is_changed || !confirm(&mut transaction, asking, renaming, caller, now).await? {
            return Ok(false);
        }
        let (event, whom) = (Event::PasswordChanged, Whom::SignIn(asking));
        note(&mut *transaction, event, whom, caller, now).await?;
        end_those_of(&mut transaction, &user.id, Some(asking), caller, now).await?;
        // Whoever knew the old password may have made theirs a known one, and guessed on in it.
        sqlx::query("DELETE FROM known_devices WHERE user_id = $1")
            .bind(user.id.as_str())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}
