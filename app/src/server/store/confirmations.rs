//! SQL for confirming a sign-in: the moment on its row, and a new id for the session that it was done with.

use sqlx::{Any, Transaction};

use super::audit_events::note;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::secret::Hashed;

/// A session that goes on under another id.
#[derive(Clone, Debug)]
pub struct Renaming {
    pub from: Hashed,
    pub to: Hashed,
}

impl Store {
    /// Notes that the person behind a live sign-in has just given their password, and renames the session they did it with.
    /// Says whether both could be done; else neither was, because the sign-in or the session has ended meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn confirm_sign_in(
        &self,
        id: &SignInId,
        renaming: Option<&Renaming>,
        caller: &Caller,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let is_confirmed = confirm(&mut transaction, id, renaming, caller, now).await?;
        if is_confirmed {
            transaction.commit().await?;
        }
        Ok(is_confirmed)
    }
}

/// What is half done where it says no is the caller's to roll back.
pub(super) async fn confirm(
    transaction: &mut Transaction<'_, Any>,
    id: &SignInId,
    renaming: Option<&Renaming>,
    caller: &Caller,
    now: Moment,
) -> Result<bool, StoreError> {
    let confirmed = sqlx::query(
        "UPDATE sign_ins SET authenticated_at = $1 \
         WHERE id = $2 AND revoked_at IS NULL AND idle_ends_at > $1 AND absolute_ends_at > $1",
    )
    .bind(now.0)
    .bind(id.as_str())
    .execute(&mut **transaction)
    .await?;
    if confirmed.rows_affected() != 1 {
        return Ok(false);
    }
    if let Some(renaming) = renaming {
        let renamed = sqlx::query(
            "UPDATE sessions SET id_hash = $1 WHERE id_hash = $2 AND sign_in_id = $3 AND exchanged_at IS NULL",
        )
        .bind(renaming.to.as_str())
        .bind(renaming.from.as_str())
        .bind(id.as_str())
        .execute(&mut **transaction)
        .await?;
        if renamed.rows_affected() != 1 {
            return Ok(false);
        }
    }
    let whom = Whom::SignIn(id);
    note(&mut **transaction, Event::Confirmed, whom, caller, now).await?;
    Ok(true)
}
