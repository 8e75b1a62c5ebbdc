//! SQL for `audit_events`. A row is added in the transaction of what it tells about, so that neither is there without the
//! other; the database refuses to change one, and to delete one that is not old.

use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row, Transaction};

use super::endings::revoke;
use super::mails::post;
use super::{Store, StoreError};
use crate::domain::sign_in::{Moment, SignInId};
use crate::domain::user::UserId;
use crate::server::audit::{Event, Noted, Outcome, Whom};
use crate::server::caller::Caller;
use crate::server::mail::Occasion;
use crate::server::secret::random_text;

/// The newest events of one outcome, as a table. By name and not `*`, as in `sign_ins.rs`.
macro_rules! latest {
    ($outcome:literal) => {
        concat!(
            "SELECT * FROM (SELECT event, outcome, reason, factor, happened_at, user_agent, address, request_id, sign_in_id, position \
             FROM audit_events WHERE user_id = $1 AND outcome = ",
            $outcome,
            " ORDER BY happened_at DESC, position DESC LIMIT $4) AS latest"
        )
    };
}

impl Store {
    /// Notes an event by itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note(
        &self,
        event: Event,
        whom: Whom<'_>,
        caller: &Caller,
        now: Moment,
    ) -> Result<(), StoreError> {
        note(&self.pool, event, whom, caller, now).await
    }

    /// The newest events of a person: up to `most` that were done, and as many that were refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_latest_events(
        &self,
        user_id: &UserId,
        most: u32,
    ) -> Result<Vec<Noted>, StoreError> {
        // Neither database takes a LIMIT in a part of a UNION, but both take one in a table that it reads.
        let rows = sqlx::query(concat!(
            latest!("$2"),
            " UNION ALL ",
            latest!("$3"),
            " ORDER BY happened_at DESC, position DESC"
        ))
        .bind(user_id.as_str())
        .bind(Outcome::Done.as_str())
        .bind(Outcome::Refused.as_str())
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Lets events from before this moment be deleted. It never goes back.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn let_events_go(&self, before: Moment) -> Result<(), StoreError> {
        sqlx::query("UPDATE audit_retention SET deletable_before = $1 WHERE deletable_before < $1")
            .bind(before.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Up to `most` events from before this moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_events_before(
        &self,
        before: Moment,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT id FROM audit_events WHERE happened_at < $1 LIMIT $2")
            .bind(before.0)
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    /// One statement a row, as for sign-ins: two nodes that do this at once cannot block each other.
    ///
    /// # Errors
    /// [`StoreError`], also for one that may not be deleted yet.
    pub async fn delete_event(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM audit_events WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Notes an event in whatever transaction it belongs to.
pub(super) async fn note(
    executor: impl Executor<'_, Database = Any>,
    event: Event,
    whom: Whom<'_>,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    let (user_id, email, sign_in_id) = match whom {
        Whom::Nobody => (None, None, None),
        Whom::User(id) => (Some(id.as_str()), None, None),
        Whom::Owner(email) => (None, Some(email.as_str()), None),
        Whom::SignIn(id) => (None, None, Some(id.as_str())),
    };
    sqlx::query(
        "INSERT INTO audit_events (id, happened_at, event, outcome, reason, factor, address, user_agent, request_id, \
         sign_in_id, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, COALESCE(CAST($11 AS TEXT), \
         (SELECT user_id FROM sign_ins WHERE id = $10), (SELECT id FROM users WHERE email = $12)))",
    )
    .bind(random_text::<16>())
    .bind(now.0)
    .bind(event.code())
    .bind(event.outcome().as_str())
    .bind(event.reason())
    .bind(event.factor().unwrap_or(caller.shows).as_str())
    .bind(caller.device.address.as_str())
    .bind(caller.device.user_agent.as_str())
    .bind(caller.request_id.as_str())
    .bind(sign_in_id)
    .bind(user_id)
    .bind(email)
    .execute(executor)
    .await?;
    Ok(())
}

/// Ends a sign-in whose proof `caller` has a copy of, notes who showed it, and tells the owner by mail (RT-02; RFC 9700 §4.14.2, ASVS 10.4.5). In one
/// transaction, which whoever hangs up in the middle cannot prevent.
pub(super) async fn end_copied(
    mut transaction: Transaction<'_, Any>,
    sign_in_id: &SignInId,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    if !revoke(&mut *transaction, sign_in_id, now).await? {
        // It has ended meanwhile, by something else.
        return Ok(());
    }
    let whom = Whom::SignIn(sign_in_id);
    note(&mut *transaction, Event::ProofReused, whom, caller, now).await?;
    let occasion = Occasion::SignInCopied;
    post(&mut *transaction, occasion, whom, None, caller, now).await?;
    transaction.commit().await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Noted, sqlx::Error> {
    let sign_in_id: Option<String> = row.try_get("sign_in_id")?;
    Ok(Noted {
        code: row.try_get("event")?,
        outcome: row.try_get("outcome")?,
        reason: row.try_get("reason")?,
        factor: row.try_get("factor")?,
        happened_at: Moment(row.try_get("happened_at")?),
        user_agent: row.try_get("user_agent")?,
        address: row.try_get("address")?,
        request_id: row.try_get("request_id")?,
        sign_in_id: sign_in_id.map(SignInId::from),
    })
}
