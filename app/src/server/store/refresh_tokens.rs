//! SQL for `refresh_tokens`: check and spend in one statement, so that two requests cannot both win (RFC 9700 §4.14).

use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::server::secret::{Hashed, Secret};

/// What became of a refresh token that was presented.
#[derive(Debug)]
pub enum Rotation {
    /// It was live, or its one successor is given again because the answer may have been lost.
    Renewed {
        sign_in_id: SignInId,
        successor: Secret,
    },
    /// It was spent before, and not just now: somebody has a copy.
    Reused { sign_in_id: SignInId },
    /// Unknown, or its sign-in has ended.
    Refused,
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

    /// Spends `presented` and gives its successor; `grace_from` is the earliest time of spending at which the
    /// same token still gets the same successor. `seed` makes the successor of a token that is spent now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rotate_refresh_token(
        &self,
        presented: &Secret,
        seed: &Secret,
        now: Moment,
        grace_from: Moment,
    ) -> Result<Rotation, StoreError> {
        // The write comes first: SQLite then takes its lock at once instead of failing to widen a read lock later.
        let mut transaction = self.pool.begin().await?;
        let spent_now = spend(&mut transaction, presented, seed, now).await?;
        let Some(row) = find(&mut transaction, presented, now).await? else {
            return Ok(Rotation::Refused);
        };
        let (sign_in_id, successor) = match row {
            (sign_in_id, spent_at, _) if !spent_now && spent_at < grace_from => {
                return Ok(Rotation::Reused { sign_in_id });
            }
            (sign_in_id, _, seed) => (sign_in_id, presented.successor(&seed)),
        };
        if spent_now {
            insert_successor(&mut transaction, &successor, &sign_in_id).await?;
        } else if is_spent(&mut transaction, &successor).await? {
            return Ok(Rotation::Reused { sign_in_id });
        }
        transaction.commit().await?;
        Ok(Rotation::Renewed {
            sign_in_id,
            successor,
        })
    }
}

async fn spend(
    transaction: &mut Transaction<'_, Any>,
    presented: &Secret,
    seed: &Secret,
    now: Moment,
) -> Result<bool, StoreError> {
    let result = sqlx::query(
        "UPDATE refresh_tokens SET spent_at = $1, successor_seed = $2 \
         WHERE secret_hash = $3 AND spent_at IS NULL",
    )
    .bind(now.0)
    .bind(seed.reveal())
    .bind(presented.hashed().as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The sign-in, the time of spending and the successor's seed of a spent token whose sign-in is live.
async fn find(
    transaction: &mut Transaction<'_, Any>,
    presented: &Secret,
    now: Moment,
) -> Result<Option<(SignInId, Moment, Secret)>, StoreError> {
    let row = sqlx::query(
        "SELECT r.sign_in_id, r.spent_at, r.successor_seed FROM refresh_tokens r \
         JOIN sign_ins i ON i.id = r.sign_in_id JOIN users u ON u.id = i.user_id \
         WHERE r.secret_hash = $1 AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
         AND i.absolute_ends_at > $2 AND u.disabled_at IS NULL",
    )
    .bind(presented.hashed().as_str())
    .bind(now.0)
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let seed: String = row.try_get("successor_seed")?;
    let sign_in_id = SignInId::from(row.try_get::<String, _>("sign_in_id")?);
    Ok(Secret::parse(&seed).map(|seed| (sign_in_id, Moment(row.get("spent_at")), seed)))
}

async fn insert_successor(
    transaction: &mut Transaction<'_, Any>,
    successor: &Secret,
    sign_in_id: &SignInId,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO refresh_tokens (secret_hash, sign_in_id) VALUES ($1, $2)")
        .bind(successor.hashed().as_str())
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
