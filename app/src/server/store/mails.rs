//! SQL for `mails`: what is to be sent. A row is added in the transaction of what it tells about, and gone once it is sent.

use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

use super::audit_events::note;
use super::{Store, StoreError};
use crate::domain::email::Email;
use crate::domain::sign_in::Moment;
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::device::Device;
use crate::server::mail::Occasion;
use crate::server::secret::random_text;

/// A mail that is this node's to send.
#[derive(Clone, Debug)]
pub struct Mail {
    pub id: String,
    /// As the database has it: a newer release may have asked for it.
    pub occasion: String,
    pub email: Email,
    /// The sign-up it is about, if it is about one.
    pub sign_up_id: Option<String>,
    pub asked_at: Moment,
    /// From where it was asked for, or brought about.
    pub device: Device,
    /// How often it was tried to send it before.
    pub earlier_tries: i64,
    /// Whether it was counted already as one of those that its mailbox may get.
    pub is_counted: bool,
}

/// After the first try; it doubles up to the longest. Much longer than any try takes, so that no other node begins one meanwhile,
/// also if its clock is ahead.
const FIRST_WAIT: Duration = Duration::from_secs(3 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

impl Store {
    /// Adds a mail that somebody asks for, and notes that they did. It is nobody's row: anybody can ask, and whether there is an account
    /// is not looked at here (EN-04).
    ///
    /// # Errors
    /// [`StoreError`]; neither is there then.
    pub async fn ask_for_mail(
        &self,
        occasion: Occasion,
        event: Event,
        email: &Email,
        caller: &Caller,
        now: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        let to = Whom::Owner(email);
        post(&mut *transaction, occasion, to, None, caller, now).await?;
        note(&mut *transaction, event, Whom::Nobody, caller, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Up to `most` mails that are to be sent now. Each is given to one node alone, which has some minutes before it is
    /// anybody's again.
    ///
    /// # Errors
    /// [`StoreError`]; some may be given to this node all the same, and are anybody's again after their time.
    pub async fn claim_mails(&self, most: u32, now: Moment) -> Result<Vec<Mail>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, occasion, email, sign_up_id, asked_at, address, user_agent, due_at, tries, is_counted FROM mails \
             WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        )
        .bind(now.0)
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        let mut claimed = Vec::new();
        for row in &rows {
            let (id, tries): (String, i64) = (row.try_get("id")?, row.try_get("tries")?);
            let claim = sqlx::query(
                "UPDATE mails SET due_at = $1, tries = tries + 1 WHERE id = $2 AND due_at = $3 AND tries = $4",
            )
            .bind(now.after(wait(tries)).0)
            .bind(id.as_str())
            .bind(row.try_get::<i64, _>("due_at")?)
            .bind(tries)
            .execute(&self.pool)
            .await?;
            if claim.rows_affected() == 1 {
                claimed.extend(read(row));
            }
        }
        Ok(claimed)
    }

    /// It is one of those that its mailbox may get.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_counted(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE mails SET is_counted = 1 WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// It is sent, or will never be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_mail(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM mails WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Adds a mail in whatever transaction it belongs to. To an address, whether it has an account or not; about a person or a
/// sign-in, to whoever it is of.
pub(super) async fn post(
    executor: impl Executor<'_, Database = Any>,
    occasion: Occasion,
    to: Whom<'_>,
    sign_up_id: Option<&str>,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    let (email, user_id, sign_in_id) = match to {
        Whom::Nobody => return Ok(()),
        Whom::Owner(email) => (Some(email.as_str()), None, None),
        Whom::User(id) => (None, Some(id.as_str()), None),
        Whom::SignIn(id) => (None, None, Some(id.as_str())),
    };
    sqlx::query(
        "INSERT INTO mails (id, occasion, email, sign_up_id, asked_at, address, user_agent, due_at) \
         SELECT $1, $2, found.email, CAST($9 AS TEXT), $3, $4, $5, $3 FROM (SELECT COALESCE(CAST($6 AS TEXT), \
         (SELECT email FROM users WHERE id = COALESCE(CAST($7 AS TEXT), (SELECT user_id FROM sign_ins WHERE id = $8)))) \
         AS email) AS found WHERE found.email IS NOT NULL",
    )
    .bind(random_text::<16>())
    .bind(occasion.as_str())
    .bind(now.0)
    .bind(caller.device.address.as_str())
    .bind(caller.device.user_agent.as_str())
    .bind(email)
    .bind(user_id)
    .bind(sign_in_id)
    .bind(sign_up_id)
    .execute(executor)
    .await?;
    Ok(())
}

fn wait(earlier_tries: i64) -> Duration {
    let doublings = u32::try_from(earlier_tries.clamp(0, 10)).unwrap_or_default();
    (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}

/// One that cannot be read, because a newer release takes more addresses, is nothing to stop at: it is left to that release.
fn read(row: &AnyRow) -> Option<Mail> {
    match try_to_read(row) {
        Ok(mail) => Some(mail),
        Err(error) => {
            tracing::error!(%error, "a mail cannot be read");
            None
        }
    }
}

fn try_to_read(row: &AnyRow) -> Result<Mail, sqlx::Error> {
    let email: String = row.try_get("email")?;
    Ok(Mail {
        id: row.try_get("id")?,
        occasion: row.try_get("occasion")?,
        email: Email::parse(&email).map_err(|error| sqlx::Error::Decode(error.into()))?,
        sign_up_id: row.try_get("sign_up_id")?,
        asked_at: Moment(row.try_get("asked_at")?),
        device: Device {
            user_agent: row.try_get("user_agent")?,
            address: row.try_get("address")?,
        },
        earlier_tries: row.try_get("tries")?,
        is_counted: row.try_get::<i64, _>("is_counted")? != 0,
    })
}
