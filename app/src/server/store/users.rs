//! SQL for `users`.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::audit_events::note;
use super::{Store, StoreError};
use crate::domain::email::Email;
use crate::domain::sign_in::Moment;
use crate::domain::user::{User, UserId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::password_hash::PasswordHash;

/// The address belongs to an account already.
#[derive(Debug, thiserror::Error)]
#[error("the email address is taken")]
pub struct EmailTaken;

/// A person as they are found by what they type.
#[derive(Debug)]
pub struct Account {
    pub user: User,
    pub password_hash: PasswordHash,
    pub is_disabled: bool,
}

impl Store {
    /// Adds a person; the inner error is for an address that is taken, also by a sign-up running at this very moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_user(
        &self,
        user: &User,
        password_hash: &PasswordHash,
        caller: &Caller,
    ) -> Result<Result<(), EmailTaken>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let inserted = insert_user(&mut transaction, user, password_hash, caller).await?;
        transaction.commit().await?;
        Ok(inserted)
    }

    /// Stores `new` in place of `old`, unless something else has been stored meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_password_hash(
        &self,
        id: &UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .bind(new.as_phc())
            .bind(id.as_str())
            .bind(old.as_phc())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The person with this address, disabled or not, and the hash to check a password against.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_user_by_email(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(
            "SELECT id AS user_id, email, created_at AS user_created_at, password_version, password_hash, disabled_at FROM users \
             WHERE email = $1",
        )
        .bind(email.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Account {
                user: read_user(&row)?,
                password_hash: PasswordHash::from_store(row.try_get("password_hash")?),
                is_disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
            })
        })
        .transpose()
    }
}

/// The same in a transaction.
pub(super) async fn insert_user(
    transaction: &mut Transaction<'_, Any>,
    user: &User,
    password_hash: &PasswordHash,
    caller: &Caller,
) -> Result<Result<(), EmailTaken>, StoreError> {
    let result = sqlx::query(
        "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (email) DO NOTHING",
    )
    .bind(user.id.as_str())
    .bind(user.email.as_str())
    .bind(password_hash.as_phc())
    .bind(user.created_at.0)
    .execute(&mut **transaction)
    .await?;
    if result.rows_affected() == 0 {
        return Ok(Err(EmailTaken));
    }
    let (whom, now) = (Whom::User(&user.id), user.created_at);
    note(&mut **transaction, Event::SignedUp, whom, caller, now).await?;
    Ok(Ok(()))
}

/// Reads `user_id`, `email`, `user_created_at` and `password_version`.
pub(super) fn read_user(row: &AnyRow) -> Result<User, sqlx::Error> {
    let email: String = row.try_get("email")?;
    Ok(User {
        id: UserId::from(row.try_get::<String, _>("user_id")?),
        email: Email::parse(&email).map_err(|error| sqlx::Error::Decode(error.into()))?,
        created_at: Moment(row.try_get("user_created_at")?),
        password_version: row.try_get("password_version")?,
    })
}
