//! SQL for `links`: those in mails, of which there is one live at most for each person and each sign-up (RE-01).

use super::mails::Mail;
use super::users::read_user;
use super::{Store, StoreError};
use crate::domain::sign_in::Moment;
use crate::domain::user::User;
use crate::server::mail::Purpose;
use crate::server::secret::Hashed;

/// A link that is about to be sent.
#[derive(Debug)]
pub struct NewLink<'a> {
    pub purpose: Purpose,
    /// The id of a person or of a sign-up.
    pub subject: &'a str,
    pub token: &'a Hashed,
    /// A link to set a new password is for this one.
    pub password_version: i64,
    pub ends: Moment,
    /// In which mail it is, and when it is made.
    pub mail_id: &'a str,
    pub made_at: Moment,
}

impl Store {
    /// Keeps a link in place of the one that was sent before.
    ///
    /// # Errors
    /// [`StoreError`]; the one before is good as it was then.
    pub async fn keep_link(&self, link: &NewLink<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO links (purpose, subject, token_hash, expires_at, password_version, mail_id, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (purpose, subject) DO UPDATE SET \
             token_hash = $3, expires_at = $4, password_version = $5, mail_id = $6, made_at = $7",
        )
        .bind(link.purpose.as_str())
        .bind(link.subject)
        .bind(link.token.as_str())
        .bind(link.ends.0)
        .bind(link.password_version)
        .bind(link.mail_id)
        .bind(link.made_at.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether another mail has a link for the same that was made since `mail` was asked for: a late try must not end it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_later_link(
        &self,
        purpose: Purpose,
        subject: &str,
        mail: &Mail,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 AS one FROM links WHERE purpose = $1 AND subject = $2 AND mail_id <> $3 AND made_at >= $4",
        )
        .bind(purpose.as_str())
        .bind(subject)
        .bind(mail.id.as_str())
        .bind(mail.asked_at.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }

    /// The person who may set a new password by this link. It has a side effect on nothing: mail scanners open links (RE-04).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_reset(
        &self,
        token: &Hashed,
        now: Moment,
    ) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(
            "SELECT users.id AS user_id, users.email, users.created_at AS user_created_at, users.password_version \
             FROM links JOIN users ON users.id = links.subject AND users.password_version = links.password_version \
             WHERE links.token_hash = $1 AND links.purpose = $2 AND links.expires_at > $3 AND users.disabled_at IS NULL",
        )
        .bind(token.as_str())
        .bind(Purpose::Reset.as_str())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref()
            .map(read_user)
            .transpose()
            .map_err(StoreError::from)
    }
}
