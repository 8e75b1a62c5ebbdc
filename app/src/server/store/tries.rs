//! SQL for `tries`: counting tries, and saying when the next one may be. One statement counts and decides, so that a
//! burst from many connections or nodes gets no more than is allowed (TH-06).

use std::time::Duration;

use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError};
use crate::domain::sign_in::Moment;
use crate::server::batches::delete_in_batches;

/// Where tries are counted, and how many are too many.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// A kind and a hash; the same on every node.
    pub key: String,
    pub rule: Rule,
}

#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// After `free` tries in a row there is a wait, which doubles with every further try.
    Growing {
        free: u32,
        first_wait: Duration,
        longest_wait: Duration,
        /// This long after the last try they are forgotten.
        forget_after: Duration,
    },
    /// `budget` tries at once, which come back evenly, all of them within `per`.
    Steady { budget: u32, per: Duration },
}

/// Why a try is not one.
#[derive(Clone, Debug)]
pub struct Full {
    pub wait: Duration,
    /// The key of the bucket that is full; of several, the one that is full for longest.
    pub bucket: String,
}

/// When the next try may be, where there is no wait: a moment that has passed by any clock. The time of this try would make
/// others wait whose clock is behind, or who looked at it before the second turned.
const NO_WAIT: i64 = 0;
/// What a row keeps of a wait never grows beyond this many doublings.
const MOST_DOUBLINGS: u32 = 20;

impl Store {
    /// Counts one try in each of `buckets`, or in none: then it is for how long to wait. They are locked in their order,
    /// which must therefore be the same for everybody.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is counted then.
    pub async fn count_try(
        &self,
        buckets: &[Bucket],
        now: Moment,
    ) -> Result<Result<(), Full>, StoreError> {
        // Whoever is refused anyway neither waits for a writer nor is one (TH-09).
        if let Some(full) = self.find_full(buckets, now).await? {
            return Ok(Err(full));
        }
        let mut transaction = self.pool.begin().await?;
        for bucket in buckets {
            if !take(&mut transaction, bucket, milliseconds(now)).await? {
                transaction.rollback().await?;
                let full = self.find_full(buckets, now).await?;
                return Ok(Err(full.unwrap_or_else(|| Full {
                    wait: Duration::from_secs(1),
                    bucket: bucket.key.clone(),
                })));
            }
        }
        transaction.commit().await?;
        Ok(Ok(()))
    }

    /// Gives a try back that was counted in `bucket`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn return_try(&self, bucket: &Bucket) -> Result<(), StoreError> {
        let step = match bucket.rule {
            Rule::Growing { .. } => 0,
            Rule::Steady { budget, per } => step(budget, per),
        };
        sqlx::query(
            "UPDATE tries SET taken = taken - 1, next_at = CASE WHEN $2 = 0 THEN 0 ELSE next_at - $2 END, \
             forget_at = forget_at - $2 WHERE bucket = $1 AND taken > 0",
        )
        .bind(bucket.key.as_str())
        .bind(step)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets what was counted in `bucket`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_tries(&self, bucket: &Bucket) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tries WHERE bucket = $1")
            .bind(bucket.key.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Deletes rows that say nothing any more. One by one: whoever locks several in an order of their own, and meets somebody
    /// who counts a try, waits for them as they wait in turn, until PostgreSQL gives one of the two up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_forgotten_tries(&self, now: Moment) -> Result<usize, StoreError> {
        let find = |most| self.find_forgotten_tries(now, most);
        let delete = |bucket| self.delete_forgotten_try(bucket, now);
        delete_in_batches(find, delete).await
    }

    async fn find_forgotten_tries(
        &self,
        now: Moment,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT bucket FROM tries WHERE forget_at <= $1 LIMIT $2")
            .bind(milliseconds(now))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        let buckets = rows.iter().map(|row| row.try_get("bucket"));
        Ok(buckets.collect::<Result<_, _>>()?)
    }

    async fn delete_forgotten_try(&self, bucket: String, now: Moment) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tries WHERE bucket = $1 AND forget_at <= $2")
            .bind(bucket)
            .bind(milliseconds(now))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Which of `buckets` is full, and for how long.
    async fn find_full(&self, buckets: &[Bucket], now: Moment) -> Result<Option<Full>, StoreError> {
        let key = |index: usize| buckets.get(index).map_or("", |bucket| bucket.key.as_str());
        debug_assert!(buckets.len() <= 5, "the statement has five places");
        let row = sqlx::query(
            "SELECT bucket, next_at FROM tries \
             WHERE bucket IN ($1, $2, $3, $4, $5) AND next_at > $6 AND forget_at > $6 ORDER BY next_at DESC LIMIT 1",
        )
        .bind(key(0))
        .bind(key(1))
        .bind(key(2))
        .bind(key(3))
        .bind(key(4))
        .bind(milliseconds(now))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let wait = row.try_get::<i64, _>("next_at")? - milliseconds(now);
        Ok(Some(Full {
            wait: Duration::from_millis(u64::try_from(wait).unwrap_or_default()),
            bucket: row.try_get("bucket")?,
        }))
    }
}

async fn take(
    transaction: &mut Transaction<'_, Any>,
    bucket: &Bucket,
    now: i64,
) -> Result<bool, StoreError> {
    let result = match bucket.rule {
        Rule::Growing {
            free,
            first_wait,
            longest_wait,
            forget_after,
        } => {
            let first_wait = whole_milliseconds(first_wait);
            let first_end = if free <= 1 { now + first_wait } else { NO_WAIT };
            sqlx::query(GROWING)
                .bind(bucket.key.as_str())
                .bind(now)
                .bind(first_end)
                .bind(now + whole_milliseconds(forget_after))
                .bind(i64::from(free))
                .bind(first_wait)
                .bind(whole_milliseconds(longest_wait))
                .bind(i64::from(MOST_DOUBLINGS))
                .execute(&mut **transaction)
                .await?
        }
        Rule::Steady { budget, per } => {
            let step = step(budget, per);
            // A try fits as long as the bucket is full again no later than this.
            let tolerance = step * (i64::from(budget) - 1);
            sqlx::query(STEADY)
                .bind(bucket.key.as_str())
                .bind(now)
                .bind(now + step)
                .bind(tolerance)
                .bind(step)
                .execute(&mut **transaction)
                .await?
        }
    };
    Ok(result.rows_affected() == 1)
}

/// `CASE` for what is `min` in SQLite and `least` in PostgreSQL.
const GROWING: &str = "\
    INSERT INTO tries (bucket, taken, next_at, forget_at) VALUES ($1, 1, $3, $4) \
    ON CONFLICT (bucket) DO UPDATE SET \
    taken = CASE WHEN tries.forget_at <= $2 THEN 1 ELSE tries.taken + 1 END, \
    next_at = CASE WHEN tries.forget_at <= $2 THEN $3 \
        WHEN tries.taken + 1 < $5 THEN 0 \
        WHEN tries.taken + 1 - $5 > $8 THEN $2 + $7 \
        WHEN $6 * (CAST(1 AS BIGINT) << CAST(tries.taken + 1 - $5 AS INTEGER)) > $7 THEN $2 + $7 \
        ELSE $2 + $6 * (CAST(1 AS BIGINT) << CAST(tries.taken + 1 - $5 AS INTEGER)) END, \
    forget_at = $4 \
    WHERE tries.next_at <= $2 OR tries.forget_at <= $2";

/// The generic cell rate algorithm (ITU-T I.371): one time says how full the bucket is, and windows need no edges.
const STEADY: &str = "\
    INSERT INTO tries (bucket, taken, next_at, forget_at) VALUES ($1, 1, $3 - $4, $3) \
    ON CONFLICT (bucket) DO UPDATE SET \
    taken = CASE WHEN tries.forget_at <= $2 THEN 1 ELSE tries.taken + 1 END, \
    next_at = CASE WHEN tries.forget_at <= $2 THEN $3 - $4 ELSE tries.forget_at + $5 - $4 END, \
    forget_at = CASE WHEN tries.forget_at <= $2 THEN $3 ELSE tries.forget_at + $5 END \
    WHERE tries.next_at <= $2 OR tries.forget_at <= $2";

/// After how long one try of `budget` comes back.
fn step(budget: u32, per: Duration) -> i64 {
    (whole_milliseconds(per) / i64::from(budget.max(1))).max(1)
}

fn milliseconds(moment: Moment) -> i64 {
    moment.0.saturating_mul(1000)
}

fn whole_milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
