//! SQL that ends sign-ins, each with the event that tells who did it. Nothing in the store makes `revoked_at` empty again
//! (SE-08).

use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row, Transaction};

use super::audit_events::note;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignIn, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;

impl Store {
    /// Ends a sign-in for good, by whatever `event` says; a second time changes nothing, and is none.
    ///
    /// # Errors
    /// [`StoreError`]; it has not ended then.
    pub async fn revoke_sign_in(
        &self,
        id: &SignInId,
        event: Event,
        caller: &Caller,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        if revoke(&mut *transaction, id, now).await? {
            note(&mut *transaction, event, Whom::SignIn(id), caller, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a sign-in if it belongs to this person, and says whether it does. One that has ended already keeps the time
    /// of its end.
    ///
    /// # Errors
    /// [`StoreError`]; it has not ended then.
    pub async fn revoke_sign_in_of(
        &self,
        user_id: &UserId,
        id: &SignInId,
        caller: &Caller,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let ended = sqlx::query(
            "UPDATE sign_ins SET revoked_at = $1 WHERE id = $2 AND user_id = $3 AND revoked_at IS NULL \
             RETURNING id, idle_ends_at",
        )
        .bind(now.0)
        .bind(id.as_str())
        .bind(user_id.as_str())
        .fetch_all(&mut *transaction)
        .await?;
        if !ended.is_empty() {
            note_each(&mut transaction, &ended, Event::EndedPicked, caller, now).await?;
            transaction.commit().await?;
            return Ok(true);
        }
        let theirs = sqlx::query("SELECT id FROM sign_ins WHERE id = $1 AND user_id = $2")
            .bind(id.as_str())
            .bind(user_id.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        Ok(theirs.is_some())
    }

    /// Ends every sign-in of a person, but for the one to `spare`.
    ///
    /// # Errors
    /// [`StoreError`]; none has ended then.
    pub async fn revoke_sign_ins_of(
        &self,
        user_id: &UserId,
        spare: Option<&SignInId>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        lock(&mut transaction, user_id).await?;
        end_those_of(&mut transaction, user_id, spare, caller, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Ends every sign-in of a person whose row is locked, but for the one to `spare`.
pub(super) async fn end_those_of(
    transaction: &mut Transaction<'_, Any>,
    user_id: &UserId,
    spare: Option<&SignInId>,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    let ended = sqlx::query(
        "UPDATE sign_ins SET revoked_at = $1 WHERE user_id = $2 AND id <> $3 AND revoked_at IS NULL \
         RETURNING id, idle_ends_at",
    )
    .bind(now.0)
    .bind(user_id.as_str())
    .bind(spare.map_or("", SignInId::as_str))
    .fetch_all(&mut **transaction)
    .await?;
    let event = match spare {
        Some(_) => Event::EndedOthers,
        None => Event::EndedAll,
    };
    note_each(transaction, &ended, event, caller, now).await
}

/// Ends those of a person's live sign-ins that were seen longest ago, so that `most` are left, and `sign_in` is one of them.
pub(super) async fn end_all_but(
    transaction: &mut Transaction<'_, Any>,
    sign_in: &SignIn,
    most: u32,
    caller: &Caller,
) -> Result<(), StoreError> {
    let now = sign_in.created_at;
    let ended = sqlx::query(
        "UPDATE sign_ins SET revoked_at = $1 WHERE id IN (SELECT id FROM sign_ins \
         WHERE user_id = $2 AND id <> $3 AND revoked_at IS NULL AND idle_ends_at > $1 AND absolute_ends_at > $1 \
         ORDER BY last_seen_at DESC, created_at DESC LIMIT $4 OFFSET $5) RETURNING id, idle_ends_at",
    )
    .bind(now.0)
    .bind(sign_in.user_id.as_str())
    .bind(sign_in.id.as_str())
    .bind(i64::MAX) // SQLite takes no OFFSET without a LIMIT.
    .bind(i64::from(most) - 1)
    .fetch_all(&mut **transaction)
    .await?;
    note_each(transaction, &ended, Event::EndedTooMany, caller, now).await
}

/// Those that had run out before are nobody's doing.
async fn note_each(
    transaction: &mut Transaction<'_, Any>,
    ended: &[AnyRow],
    event: Event,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    for row in ended {
        if row.try_get::<i64, _>("idle_ends_at")? > now.0 {
            let id = SignInId::from(row.try_get::<String, _>("id")?);
            note(&mut **transaction, event, Whom::SignIn(&id), caller, now).await?;
        }
    }
    Ok(())
}

/// Lets whatever changes several sign-ins of a person happen one after the other, and beginning one is among it: two that
/// begin at once would not see each other, and a sign-out everywhere would miss one that is about to begin. Writes, because
/// both databases understand that.
pub(super) async fn lock(
    transaction: &mut Transaction<'_, Any>,
    user_id: &UserId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET created_at = created_at WHERE id = $1")
        .bind(user_id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The same, if nobody has changed the password or disabled the account since this person proved theirs. Says whether.
pub(super) async fn lock_if_proved(
    transaction: &mut Transaction<'_, Any>,
    user: &User,
) -> Result<bool, StoreError> {
    let locked = sqlx::query(
        "UPDATE users SET created_at = created_at WHERE id = $1 AND password_version = $2 \
         AND disabled_at IS NULL",
    )
    .bind(user.id.as_str())
    .bind(user.password_version)
    .execute(&mut **transaction)
    .await?;
    Ok(locked.rows_affected() == 1)
}

/// Ends a sign-in inside a transaction; says whether it had not ended before.
pub(super) async fn revoke(
    executor: impl Executor<'_, Database = Any>,
    id: &SignInId,
    now: Moment,
) -> Result<bool, StoreError> {
    let result =
        sqlx::query("UPDATE sign_ins SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
            .bind(now.0)
            .bind(id.as_str())
            .execute(executor)
            .await?;
    Ok(result.rows_affected() == 1)
}
