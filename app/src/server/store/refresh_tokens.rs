//! SQL for `refresh_tokens`: check and spend in one statement, so that two requests cannot both win (RFC 9700 §4.14).

use sqlx::{Any, Row, Transaction};

use super::attempts::{Attempt, SpentBy};
use super::audit_events::end_copied;
use super::bindings::{Held, bind};
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
    /// The attempt that spent it arrived once more, after its successor was used: by this browser, whose cookie is newer, or
    /// by whoever was given the lost answer as well. It is found out under another name, with this one as the earlier.
    Overtaken,
    /// It was exchanged for a session by the same attempt, or just now by another: no copy, and no use here.
    Late,
    /// It was spent before, and not just now: somebody has a copy. The sign-in has ended with this.
    Reused { sign_in_id: SignInId },
    /// Unknown, or its sign-in has ended.
    Refused,
}

/// A refresh token, or a session to be exchanged, that somebody shows.
#[derive(Clone, Debug)]
pub struct Shown<Proof = Secret> {
    pub proof: Proof,
    pub attempt: Attempt,
    pub caller: Caller,
    pub held: Held,
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
    /// The key of its sign-in, and so of its successor, unless that is spent as well.
    bound_to: Option<String>,
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
        let sql = "SELECT sign_in_id FROM refresh_tokens WHERE secret_hash = $1";
        self.find_id(sql, token).await
    }

    /// The same for one that is not spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_sign_in_of_live(
        &self,
        token: &Secret,
    ) -> Result<Option<SignInId>, StoreError> {
        let sql =
            "SELECT sign_in_id FROM refresh_tokens WHERE secret_hash = $1 AND spent_at IS NULL";
        self.find_id(sql, token).await
    }

    async fn find_id(
        &self,
        sql: &'static str,
        token: &Secret,
    ) -> Result<Option<SignInId>, StoreError> {
        let row = sqlx::query(sql)
            .bind(token.hashed().as_str())
            .fetch_optional(&self.pool)
            .await?;
        let id = row.map(|row| row.try_get::<String, _>("sign_in_id"));
        Ok(id.transpose()?.map(SignInId::from))
    }

    /// Spends the token and gives its successor. Until the successor is used, the same token gets it again: for the same
    /// attempt at any time, and for everybody if it was spent at `grace_from` or
    /// later. `seed` makes the successor of a token that is spent now. It is bound to the key that the client holds, or to that
    /// of the sign-in, and is not given to whoever proves another, or none: of two who had the token before that, one has a copy. A copy
    /// ends the sign-in in the same transaction, so that whoever hangs up in the middle cannot prevent it.
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
        let presented = &shown.proof;
        // The write comes first: SQLite then takes its lock at once instead of failing to widen a read lock later.
        let mut transaction = self.pool.begin().await?;
        let spent_now = spend(
            &mut transaction,
            presented,
            &shown.attempt,
            (seed, For::NextToken),
            now,
        )
        .await?;
        let Some(spent) = find(&mut transaction, presented, now).await? else {
            return Ok(Rotation::Refused);
        };
        let successor = presented.successor(&spent.seed);
        if spent_now {
            if spent.bound_to.is_none() && shown.held.key().is_some() {
                bind(&mut *transaction, &spent.sign_in_id, shown.held.key()).await?;
            }
            insert(&mut transaction, &successor, &spent.sign_in_id).await?;
            supersede_sessions(&mut transaction, &spent.sign_in_id, now).await?;
        } else {
            let next = find(&mut transaction, &successor, now).await?;
            match spent.judge(&shown.attempt, next.as_ref(), grace_from) {
                Again::Give if spent.successor_opens(&shown.held) => {}
                Again::Overtaken => return Ok(Rotation::Overtaken),
                Again::Late => return Ok(Rotation::Late),
                Again::Give | Again::Copy => {
                    end_copied(transaction, &spent.sign_in_id, &shown.caller, now).await?;
                    return Ok(Rotation::Reused {
                        sign_in_id: spent.sign_in_id,
                    });
                }
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
    pub(super) fn by(&self, attempt: &Attempt) -> SpentBy {
        attempt.compare(self.attempt_hash.as_deref())
    }

    /// For a successor that nobody has spent.
    pub(super) fn successor_opens(&self, held: &Held) -> bool {
        held.opens(self.bound_to.as_deref())
    }

    /// Who shows a token once more that was spent (RFC 9700 §4.14.2): the law of `tests/refresh_simulator`.
    fn judge(&self, attempt: &Attempt, next: Option<&Self>, grace_from: Moment) -> Again {
        let is_early = self.at >= grace_from;
        let is_used = next.is_some();
        let is_exchanged_by =
            |next: &Self| next.is_exchanged && next.by(attempt) != SpentBy::SomebodyElse;
        match self.by(attempt) {
            // Whoever spent it for a session has no use for it here, in the meantime at least.
            by if self.is_exchanged && (by != SpentBy::SomebodyElse || is_early) => Again::Late,
            _ if self.is_exchanged => Again::Copy,
            // Its answer was lost, and then that of an exchange: the same as above, one token later.
            SpentBy::ThisAttempt | SpentBy::AnEarlierOne if next.is_some_and(is_exchanged_by) => {
                Again::Late
            }
            SpentBy::ThisAttempt if is_used => Again::Overtaken,
            SpentBy::ThisAttempt | SpentBy::AnEarlierOne if !is_used => Again::Give,
            SpentBy::SomebodyElse if !is_used && is_early => Again::Give,
            _ => Again::Copy,
        }
    }
}

/// What a spent token is shown again for.
enum Again {
    /// The answer was lost.
    Give,
    Overtaken,
    Late,
    Copy,
}

/// What a refresh token is spent for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum For {
    NextToken,
    Session,
}

/// Says whether it was live until now.
pub(super) async fn spend(
    transaction: &mut Transaction<'_, Any>,
    token: &Secret,
    attempt: &Attempt,
    (seed, purpose): (&Secret, For),
    now: Moment,
) -> Result<bool, StoreError> {
    let result = sqlx::query(
        "UPDATE refresh_tokens SET spent_at = $1, successor_seed = $2, attempt_hash = $3, is_exchanged = $4, \
         bound_to = (SELECT i.bound_to FROM sign_ins i WHERE i.id = refresh_tokens.sign_in_id) \
         WHERE secret_hash = $5 AND spent_at IS NULL",
    )
    .bind(now.0)
    .bind(seed.reveal())
    .bind(attempt.hash())
    .bind(i64::from(purpose == For::Session))
    .bind(token.hashed().as_str())
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
        "SELECT r.sign_in_id, r.spent_at, r.successor_seed, r.attempt_hash, r.is_exchanged, r.superseded_at, \
         i.bound_to \
         FROM refresh_tokens r \
         JOIN sign_ins i ON i.id = r.sign_in_id JOIN users u ON u.id = i.user_id \
         WHERE r.secret_hash = $1 AND r.spent_at IS NOT NULL AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
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
        bound_to: row.try_get("bound_to")?,
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
