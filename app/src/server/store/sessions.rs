//! SQL for `sessions`: the proof of a cookie sign-in. A session cannot be written without its live sign-in.

use sqlx::{Any, Row, Transaction};

use super::attempts::{Attempt, SpentBy};
use super::exchange::supersede_refresh_tokens;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::server::secret::{Hashed, Secret, SessionId};

/// An exchanged session whose sign-in is live.
pub(super) struct ExchangedSession {
    pub(super) sign_in_id: SignInId,
    pub(super) seed: Secret,
    pub(super) superseded_at: Option<Moment>,
    /// The key of its sign-in, and so of its successor, unless that is in use.
    pub(super) bound_to: Option<String>,
    attempt_hash: Option<String>,
}

impl ExchangedSession {
    pub(super) fn by(&self, attempt: &Attempt) -> SpentBy {
        attempt.compare(self.attempt_hash.as_deref())
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_session(
        &self,
        id: &Hashed,
        sign_in_id: &SignInId,
        data: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO sessions (id_hash, sign_in_id, data) VALUES ($1, $2, $3)")
            .bind(id.as_str())
            .bind(sign_in_id.as_str())
            .bind(data)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The data of a session whose sign-in is live. The first time that a session shows up which came by an exchange, the
    /// refresh token that was given for it is done with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_session(
        &self,
        id: &Hashed,
        now: Moment,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT s.data, s.is_unseen, s.sign_in_id FROM sessions s JOIN sign_ins i ON i.id = s.sign_in_id \
             WHERE s.id_hash = $1 AND s.exchanged_at IS NULL AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
             AND i.absolute_ends_at > $2",
        )
        .bind(id.as_str())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<i64, _>("is_unseen")? == 1 {
            let sign_in_id = SignInId::from(row.try_get::<String, _>("sign_in_id")?);
            self.see_session(id, &sign_in_id, now).await?;
        }
        Ok(Some(row.try_get("data")?))
    }

    async fn see_session(
        &self,
        id: &Hashed,
        sign_in_id: &SignInId,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE sessions SET is_unseen = 0 WHERE id_hash = $1")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await?;
        supersede_refresh_tokens(&mut transaction, sign_in_id, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Changes the data of a live session. It never makes a row: a request that was on its way during
    /// sign-out must not bring the session back (T13, CVE-2025-46336).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_session(&self, id: &Hashed, data: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sessions SET data = $1 WHERE id_hash = $2 AND exchanged_at IS NULL AND sign_in_id IN \
             (SELECT id FROM sign_ins WHERE revoked_at IS NULL)",
        )
        .bind(data)
        .bind(id.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError`].
    pub async fn delete_session(&self, id: &Hashed) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// A renewed refresh token is in use, and so the session that it may have come from is done with.
pub(super) async fn supersede_sessions(
    transaction: &mut Transaction<'_, Any>,
    sign_in_id: &SignInId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE sessions SET superseded_at = $1 \
         WHERE sign_in_id = $2 AND exchanged_at IS NOT NULL AND superseded_at IS NULL",
    )
    .bind(now.0)
    .bind(sign_in_id.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Says whether it is the first to exchange this session.
pub(super) async fn spend_session(
    transaction: &mut Transaction<'_, Any>,
    presented: &SessionId,
    attempt: &Attempt,
    seed: &Secret,
    now: Moment,
) -> Result<bool, StoreError> {
    let result = sqlx::query(
        "UPDATE sessions SET exchanged_at = $1, successor_seed = $2, attempt_hash = $3, is_unseen = 0 \
         WHERE id_hash = $4 AND exchanged_at IS NULL",
    )
    .bind(now.0)
    .bind(seed.reveal())
    .bind(attempt.hash())
    .bind(presented.hashed().as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn find_exchanged_session(
    transaction: &mut Transaction<'_, Any>,
    presented: &SessionId,
    now: Moment,
) -> Result<Option<ExchangedSession>, StoreError> {
    let row = sqlx::query(
        "SELECT s.sign_in_id, s.successor_seed, s.superseded_at, s.attempt_hash, i.bound_to FROM sessions s \
         JOIN sign_ins i ON i.id = s.sign_in_id JOIN users u ON u.id = i.user_id \
         WHERE s.id_hash = $1 AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
         AND i.absolute_ends_at > $2 AND u.disabled_at IS NULL",
    )
    .bind(presented.hashed().as_str())
    .bind(now.0)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Some(seed) = Secret::parse(row.try_get("successor_seed")?) else {
        return Ok(None);
    };
    Ok(Some(ExchangedSession {
        sign_in_id: SignInId::from(row.try_get::<String, _>("sign_in_id")?),
        seed,
        superseded_at: row.try_get::<Option<i64>, _>("superseded_at")?.map(Moment),
        bound_to: row.try_get("bound_to")?,
        attempt_hash: row.try_get("attempt_hash")?,
    }))
}

/// A session that came by an exchange; the first request that shows it proves that the browser has it.
pub(super) async fn insert_exchanged(
    transaction: &mut Transaction<'_, Any>,
    id: &SessionId,
    sign_in_id: &SignInId,
    data: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id_hash, sign_in_id, data, is_unseen) VALUES ($1, $2, $3, 1)",
    )
    .bind(id.hashed().as_str())
    .bind(sign_in_id.as_str())
    .bind(data)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
