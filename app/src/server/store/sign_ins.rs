//! SQL for `sign_ins`, the row that every proof names.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::audit_events::note;
use super::endings::{end_all_but, lock_if_proved};
use super::users::read_user;
use super::{Store, StoreError};
use crate::domain::sign_in::{Keep, Kind, Moment, SignIn, SignInId};
use crate::domain::user::{User, UserId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;

/// A live sign-in and the person it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub user: User,
    pub sign_in: SignIn,
}

/// What `read_sign_in` reads. By name and not `*`: PostgreSQL refuses a statement it has prepared once a newer node has added a
/// column to its answer.
macro_rules! columns {
    () => {
        "i.id, i.user_id, i.kind, i.kept, i.created_at, i.last_seen_at, i.authenticated_at, \
         i.idle_ends_at, i.absolute_ends_at, i.user_agent, i.address, i.bound_to"
    };
}

impl Store {
    /// Adds a sign-in. Where its person then has more than `most` live ones, the others seen longest ago end, so that
    /// `most` are left, whatever else begins at this moment (SE-13). Says whether it did: not where the password has been changed
    /// since its person, as they are given here, proved it.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has begun or ended then.
    pub async fn insert_sign_in(
        &self,
        sign_in: &SignIn,
        user: &User,
        most: u32,
        caller: &Caller,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        if !lock_if_proved(&mut transaction, user).await? {
            return Ok(false);
        }
        insert(&mut transaction, sign_in).await?;
        let (whom, now) = (Whom::SignIn(&sign_in.id), sign_in.created_at);
        note(&mut *transaction, Event::SignedIn, whom, caller, now).await?;
        end_all_but(&mut transaction, sign_in, most, caller).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The sign-in and its person, unless it was ended, has run out or the person is disabled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_live_sign_in(
        &self,
        id: &SignInId,
        now: Moment,
    ) -> Result<Option<SignedIn>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            ", u.email, u.created_at AS user_created_at, u.password_version \
                 FROM sign_ins i JOIN users u ON u.id = i.user_id \
                 WHERE i.id = $1 AND i.revoked_at IS NULL AND i.idle_ends_at > $2 \
                 AND i.absolute_ends_at > $2 AND u.disabled_at IS NULL"
        ))
        .bind(id.as_str())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| read_signed_in(&row)).transpose()?)
    }

    /// Every live sign-in of a person, the one seen last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_live_sign_ins(
        &self,
        user_id: &UserId,
        now: Moment,
    ) -> Result<Vec<SignIn>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ", columns!(), " FROM sign_ins i WHERE i.user_id = $1 AND i.revoked_at IS NULL \
             AND i.idle_ends_at > $2 AND i.absolute_ends_at > $2 ORDER BY i.last_seen_at DESC, i.created_at DESC"
        ))
        .bind(user_id.as_str())
        .bind(now.0)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(read_sign_in).collect::<Result<_, _>>()?)
    }

    /// Moves the idle end forward, unless the sign-in was seen after `not_after`: of many requests that find it stale at
    /// once, one writes (SE-10). A row that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_sign_in(
        &self,
        id: &SignInId,
        now: Moment,
        idle_ends_at: Moment,
        not_after: Moment,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sign_ins SET last_seen_at = $1, idle_ends_at = $2 \
             WHERE id = $3 AND revoked_at IS NULL AND last_seen_at <= $4",
        )
        .bind(now.0)
        .bind(idle_ends_at.0)
        .bind(id.as_str())
        .bind(not_after.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Up to `most` sign-ins that ended before `moment`: revoked, unused for too long or run out, for the idle end
    /// never lies behind the absolute one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_ended_sign_ins(
        &self,
        moment: Moment,
        most: usize,
    ) -> Result<Vec<SignInId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM sign_ins WHERE idle_ends_at < $1 OR revoked_at < $1 LIMIT $2",
        )
        .bind(moment.0)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok(SignInId::from(row.try_get::<String, _>("id")?)))
            .collect()
    }

    /// Deletes a sign-in with its sessions and refresh tokens; one that is gone already is fine. One statement a row:
    /// two nodes that delete the same rows in different order cannot block each other then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_sign_in(&self, id: &SignInId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sign_ins WHERE id = $1")
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn insert(
    transaction: &mut Transaction<'_, Any>,
    sign_in: &SignIn,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_ins (id, user_id, kind, kept, created_at, last_seen_at, idle_ends_at, \
         absolute_ends_at, user_agent, address, authenticated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(sign_in.id.as_str())
    .bind(sign_in.user_id.as_str())
    .bind(sign_in.kind.as_str())
    .bind(i64::from(sign_in.keep == Keep::Longer))
    .bind(sign_in.created_at.0)
    .bind(sign_in.last_seen_at.0)
    .bind(sign_in.idle_ends_at.0)
    .bind(sign_in.absolute_ends_at.0)
    .bind(sign_in.user_agent.as_str())
    .bind(sign_in.address.as_str())
    .bind(sign_in.authenticated_at.0)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read_signed_in(row: &AnyRow) -> Result<SignedIn, sqlx::Error> {
    Ok(SignedIn {
        user: read_user(row)?,
        sign_in: read_sign_in(row)?,
    })
}

/// Reads `columns!()`.
fn read_sign_in(row: &AnyRow) -> Result<SignIn, sqlx::Error> {
    Ok(SignIn {
        id: SignInId::from(row.try_get::<String, _>("id")?),
        user_id: UserId::from(row.try_get::<String, _>("user_id")?),
        kind: match row.try_get::<String, _>("kind")?.as_str() {
            "token" => Kind::Token,
            _ => Kind::Cookie,
        },
        keep: match row.try_get::<i64, _>("kept")? {
            0 => Keep::WhileBrowserIsOpen,
            _ => Keep::Longer,
        },
        created_at: Moment(row.try_get("created_at")?),
        last_seen_at: Moment(row.try_get("last_seen_at")?),
        authenticated_at: Moment(row.try_get("authenticated_at")?),
        idle_ends_at: Moment(row.try_get("idle_ends_at")?),
        absolute_ends_at: Moment(row.try_get("absolute_ends_at")?),
        user_agent: row.try_get("user_agent")?,
        address: row.try_get("address")?,
        bound_to: row.try_get("bound_to")?,
    })
}
