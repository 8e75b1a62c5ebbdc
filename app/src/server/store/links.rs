//! SQL for `links`: those in mails, of which there is one live at most for each person and each sign-up (RE-01).

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
}

impl Store {
    /// Keeps a link in place of the one that was sent before.
    ///
    /// # Errors
    /// [`StoreError`]; the one before is good as it was then.
    pub async fn keep_link(&self, link: &NewLink<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO links (purpose, subject, token_hash, expires_at, password_version) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (purpose, subject) DO UPDATE SET \
             token_hash = $3, expires_at = $4, password_version = $5",
        )
        .bind(link.purpose.as_str())
        .bind(link.subject)
        .bind(link.token.as_str())
        .bind(link.ends.0)
        .bind(link.password_version)
        .execute(&self.pool)
        .await?;
        Ok(())
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
