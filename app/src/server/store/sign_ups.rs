//! SQL for `sign_ups`: those whose address is not confirmed yet. Whether the address has an account is not looked at here: nothing
//! that a stranger sees may depend on it (EN-03).

use sqlx::Row;

use super::audit_events::note;
use super::mails::post;
use super::users::insert_user;
use super::{Store, StoreError};
use crate::domain::email::Email;
use crate::domain::sign_in::Moment;
use crate::domain::user::User;
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::mail::{Occasion, Purpose};
use crate::server::password_hash::PasswordHash;
use crate::server::secret::{Hashed, random_text};

/// A sign-up that its link was opened for.
#[derive(Debug)]
pub struct WaitingSignUp {
    pub email: Email,
    pub password_hash: PasswordHash,
}

impl Store {
    /// Keeps a sign-up and asks for the mail that confirms it.
    ///
    /// # Errors
    /// [`StoreError`]; neither is kept then.
    pub async fn insert_sign_up(
        &self,
        email: &Email,
        password_hash: &PasswordHash,
        caller: &Caller,
        now: Moment,
    ) -> Result<(), StoreError> {
        let id = random_text::<16>();
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO sign_ups (id, email, password_hash, asked_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(id.as_str())
        .bind(email.as_str())
        .bind(password_hash.as_phc())
        .bind(now.0)
        .execute(&mut *transaction)
        .await?;
        let (occasion, to) = (Occasion::SignUp, Whom::Owner(email));
        let about = Some(id.as_str());
        post(&mut *transaction, occasion, to, about, caller, now).await?;
        let (event, whom) = (Event::SignUpAsked, Whom::Nobody);
        note(&mut *transaction, event, whom, caller, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The id of the latest sign-up with this address that is not older than `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_latest_sign_up(
        &self,
        email: &Email,
        since: Moment,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT id FROM sign_ups WHERE email = $1 AND asked_at > $2 ORDER BY asked_at DESC, id LIMIT 1",
        )
        .bind(email.as_str())
        .bind(since.0)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok(row.try_get("id")?)).transpose()
    }

    /// The sign-up that this link confirms.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_sign_up(
        &self,
        token: &Hashed,
        now: Moment,
    ) -> Result<Option<WaitingSignUp>, StoreError> {
        let row = sqlx::query(
            "SELECT sign_ups.email, sign_ups.password_hash FROM links JOIN sign_ups ON sign_ups.id = links.subject \
             WHERE links.token_hash = $1 AND links.purpose = $2 AND links.expires_at > $3",
        )
        .bind(token.as_str())
        .bind(Purpose::SignUp.as_str())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let email: String = row.try_get("email")?;
        let email = Email::parse(&email).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let password_hash = PasswordHash::from_store(row.try_get("password_hash")?);
        Ok(Some(WaitingSignUp {
            email,
            password_hash,
        }))
    }

    /// Makes an account of a sign-up, spends its link, and forgets every other sign-up with this address: somebody else's may
    /// be among them (RE-08). Says whether it could be done; else the link was used or replaced, or the address has an account
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub async fn confirm_sign_up(
        &self,
        token: &Hashed,
        user: &User,
        password_hash: &PasswordHash,
        caller: &Caller,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let spent = sqlx::query(
            "DELETE FROM links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3",
        )
        .bind(token.as_str())
        .bind(Purpose::SignUp.as_str())
        .bind(user.created_at.0)
        .execute(&mut *transaction)
        .await?;
        if spent.rows_affected() == 0 {
            return Ok(false);
        }
        let inserted = insert_user(&mut transaction, user, password_hash, caller).await?;
        sqlx::query("DELETE FROM sign_ups WHERE email = $1")
            .bind(user.email.as_str())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(inserted.is_ok())
    }
}
