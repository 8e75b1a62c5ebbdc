//! SQL for changing a password, with the present one or a link in its place.

use sqlx::{Any, Transaction};

use super::audit_events::note;
use super::confirmations::{Renaming, confirm};
use super::endings::end_those_of;
use super::mails::post;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::mail::{Occasion, Purpose};
use crate::server::password_hash::PasswordHash;
use crate::server::secret::Hashed;

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
        let is_changed = keep(&mut transaction, user, new).await?;
        if !is_changed || !confirm(&mut transaction, asking, renaming, caller, now).await? {
            return Ok(false);
        }
        let (event, whom) = (Event::PasswordChanged, Whom::SignIn(asking));
        note(&mut *transaction, event, whom, caller, now).await?;
        end_those_of(&mut transaction, &user.id, Some(asking), caller, now).await?;
        forget_browsers(&mut transaction, &user.id).await?;
        let (occasion, to) = (Occasion::PasswordChanged, Whom::User(&user.id));
        post(&mut *transaction, occasion, to, None, caller, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Keeps `new` as the password of whoever has this link, spends it, ends all their sign-ins, and knows none of their browsers any
    /// more. Says whether it could be done; else nothing was, because the link was used or replaced, or the password changed
    /// meanwhile (RE-01, RE-02).
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn reset_password(
        &self,
        token: &Hashed,
        user: &User,
        new: &PasswordHash,
        caller: &Caller,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // Of several at once, one deletes it.
        let spent = sqlx::query(
            "DELETE FROM links WHERE token_hash = $1 AND purpose = $2 AND subject = $3 AND expires_at > $4",
        )
        .bind(token.as_str())
        .bind(Purpose::Reset.as_str())
        .bind(user.id.as_str())
        .bind(now.0)
        .execute(&mut *transaction)
        .await?;
        let is_spent = spent.rows_affected() == 1;
        if !is_spent || !keep(&mut transaction, user, new).await? {
            return Ok(false);
        }
        let whom = Whom::User(&user.id);
        note(&mut *transaction, Event::PasswordReset, whom, caller, now).await?;
        end_those_of(&mut transaction, &user.id, None, caller, now).await?;
        forget_browsers(&mut transaction, &user.id).await?;
        let occasion = Occasion::PasswordChanged;
        post(&mut *transaction, occasion, whom, None, caller, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Says whether `user` is as the database has them, and not disabled. Their row is locked by that: whatever else ends or begins
/// their sign-ins comes before or after.
async fn keep(
    transaction: &mut Transaction<'_, Any>,
    user: &User,
    new: &PasswordHash,
) -> Result<bool, StoreError> {
    let changed = sqlx::query(
        "UPDATE users SET password_hash = $1, password_version = password_version + 1 \
         WHERE id = $2 AND password_version = $3 AND disabled_at IS NULL",
    )
    .bind(new.as_phc())
    .bind(user.id.as_str())
    .bind(user.password_version)
    .execute(&mut **transaction)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Whoever knew the old password may have made theirs a known one, and guessed on in it.
async fn forget_browsers(
    transaction: &mut Transaction<'_, Any>,
    user_id: &UserId,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM known_devices WHERE user_id = $1")
        .bind(user_id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
