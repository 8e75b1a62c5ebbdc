//! SQL for `refresh_tokens`: check and spend in one statement, so that two requests cannot both win (RFC 9700 §4.14).

use sqlx::{Any, Row, Transaction};

use super::audit_events::end_copied;
use super::sessions::supersede_sessions;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::server::caller::Caller;
use crate::server::secret::{Hashed, Secret};

/// What became of a refresh token that was presented.
#[derive(Debug)]
pub enum Rotation {
    /// It was live, or its one successor is given again because the answer may have been lost.
    Renewed {
        sign_in_id: SignInId,
        successor: Secret,
    },
    /// The attempt that spent it arrived once more, after its successor was used: late, but no copy.
    Late,
    /// It was spent before, and not just now: somebody has a copy. The sign-in has ended with this.
    Reused { sign_in_id: SignInId },
    /// Unknown, or its sign-in has ended.
    Refused,
}

/// A refresh token that somebody shows.
#[derive(Clone, Debug)]
pub struct Shown {
    pub token: Secret,
    /// The client's own name for what it is trying, if it has one.
    pub attempt: Option<Hashed>,
    pub caller: Caller,
}

/// When a proof is shown, and since when one that was spent may have been shown again by the same client.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub now: Moment,
    pub grace_from: Moment,
}

/// A spent token whose sign-in is live.
pub(super) struct Spent {
    pub(super) sign_in_id: SignInId,
    pub(super) at: Moment,
    pub(super) seed: Secret,
    attempt_hash: Option<String>,
    /// Whether it was spent for a session and not for another refresh token.
    pub(super) is_exchanged: bool,
    /// Since when the session is known to be in use.
    pub(super) superseded_at: Option<Moment>,
}

impl Store {
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_refresh_token(
        &self,
        secret: &Hashed,
        sign_in_id: &SignInId,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO refresh_tokens (secret_hash, sign_in_id) VALUES ($1, $2)")
            .bind(secret.as_str())
            .bind(sign_in_id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The sign-in that a refresh token is of, whether it is spent or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_sign_in_of(&self, token: &Secret) -> Result<Option<SignInId>, StoreError> {
        let row = sqlx::query("SELECT sign_in_id FROM refresh_tokens WHERE secret_hash = $1")
            .bind(token.hashed().as_str())
            .fetch_optional(&self.pool)
            .await?;
        let id = row.map(|row| row.try_get::<String, _>("sign_in_id"));
        Ok(id.transpose()?.map(SignInId::from))
    }

    /// Spends the token and gives its successor. Until the successor is used, the same token gets it again: for the same
    /// attempt at any time, and for everybody if it was spent at `grace_from` or
    /// later. `seed` makes the successor of a token that is spent now. A copy ends the sign-in in the same
    /// transaction, so that whoever hangs up in the middle cannot prevent it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate_refresh_token(
        &self,
        shown: &Shown,
        seed: &Secret,
        times: Times,
    ) -> Result<Rotation, StoreError> {
        let Times { now, grace_from } = times;
        let (presented, attempt) = (&shown.token, shown.attempt.as_ref());
        // The write comes first: SQLite then takes its lock at once instead of failing to widen a read lock later.
        let mut transaction = self.pool.begin().await?;
        let spent_now = spend(&mut transaction, presented, attempt, seed, now).await?;
        let Some(spent) = find(&mut transaction, presented, now).await? else {
            return Ok(Rotation::Refused);
        };
        let successor = presented.successor(&spent.seed);
        if spent_now {
            insert(&mut transaction, &successor, &spent.sign_in_id).await?;
            supersede_sessions(&mut transaction, &spent.sign_in_id, now).await?;
        } else if spent.is_exchanged {
            // Whoever spent it for a session has no use for it here, in the meantime at least (RFC 9700 §4.14.2).
            if spent.at < grace_from && !spent.is_by(attempt) {
                return end(transaction, spent.sign_in_id, &shown.caller, now).await;
            }
            return Ok(Rotation::Late);
        } else {
            let is_retry = spent.is_by(attempt);
            let is_used = is_spent(&mut transaction, &successor).await?;
            if is_retry && is_used {
                return Ok(Rotation::Late);
            }
            if is_used || (!is_retry && spent.at < grace_from) {
                return end(transaction, spent.sign_in_id, &shown.caller, now).await;
            }
        }
        transaction.commit().await?;
        Ok(Rotation::Renewed {
            sign_in_id: spent.sign_in_id,
            successor,
        })
    }
}

impl Spent {
    /// Whoever names no attempt is nobody's retry.
    pub(super) fn is_by(&self, attempt: Option<&Hashed>) -> bool {
        attempt.is_some_and(|attempt| Some(attempt.as_str()) == self.attempt_hash.as_deref())
    }
}

async fn end(
    transaction: Transaction<'_, Any>,
    sign_in_id: SignInId,
    caller: &Caller,
    now: Moment,
) -> Result<Rotation, StoreError> {
    end_copied(transaction, &sign_in_id, caller, now).await?;
    Ok(Rotation::Reused { sign_in_id })
}

async fn spend(
    transaction: &mut Transaction<'_, Any>,
    presented: &Secret,
    attempt: Option<&Hashed>,
    seed: &Secret,
    now: Moment,
) -> Result<bool, StoreError> {
    let result = sqlx::query(
        "UPDATE refresh_tokens SET spent_at = $1, successor_seed = $2, attempt_hash = $3 \
         WHERE secret_hash = $4 AND spent_at IS NULL",
    )
    .bind(now.0)
    .bind(seed.reveal())
    .bind(attempt.map(Hashed::as_str))
    .bind(presented.hashed().as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn find(
    transaction: &mut Transaction<'_, Any>,
    presented: &Secret,
    now: Moment,
) -> Result<Option<Spent>, StoreError> {
    let row = sqlx::query(
        "SELECT r.sign_in_id, r.spent_at, r.successor_seed, r.attempt_hash, r.is_exchanged, r.superseded_at \
         FROM refresh_tokens r \
         JOIN sign_ins i ON i.id = r.sign_in_id JOIN users u ON u.id = i.user_id \
         WHERE r.secret_hash = $1 AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
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
    Ok(Some(Spent {
        sign_in_id: SignInId::from(row.try_get::<String, _>("sign_in_id")?),
        at: Moment(row.try_get("spent_at")?),
        seed,
        attempt_hash: row.try_get("attempt_hash")?,
        is_exchanged: row.try_get::<i64, _>("is_exchanged")? == 1,
        superseded_at: row.try_get::<Option<i64>, _>("superseded_at")?.map(Moment),
    }))
}

pub(super) async fn insert(
    transaction: &mut Transaction<'_, Any>,
    secret: &Secret,
    sign_in_id: &SignInId,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO refresh_tokens (secret_hash, sign_in_id) VALUES ($1, $2)")
        .bind(secret.hashed().as_str())
        .bind(sign_in_id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn is_spent(
    transaction: &mut Transaction<'_, Any>,
    secret: &Secret,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT secret_hash FROM refresh_tokens WHERE secret_hash = $1 AND spent_at IS NOT NULL",
    )
    .bind(secret.hashed().as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.is_some())
}
