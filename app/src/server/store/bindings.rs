//! SQL for the key that the tokens of a sign-in are bound to.

use sqlx::{Any, Executor, Row};

use super::{Store, StoreError};
use crate::domain::sign_in::SignInId;
use crate::server::secret::Secret;

/// The key that a client has proved to have.
#[derive(Clone, Debug)]
pub enum Held {
    /// Nobody is asked for one: this server binds no tokens.
    Unasked,
    Key(Option<String>),
}

impl Held {
    /// Whether what is bound to this key, or to none, is good with it.
    pub(super) fn opens(&self, bound_to: Option<&str>) -> bool {
        match self {
            Self::Unasked => true,
            Self::Key(key) => bound_to.is_none() || key.as_deref() == bound_to,
        }
    }

    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Unasked => None,
            Self::Key(key) => key.as_deref(),
        }
    }
}

impl Store {
    /// Binds the tokens of a sign-in to a key, or to none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind_sign_in(&self, id: &SignInId, key: Option<&str>) -> Result<(), StoreError> {
        bind(&self.pool, id, key).await
    }

    /// The key that a refresh token is bound to, or was when it was spent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_key_of(&self, token: &Secret) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT CASE WHEN r.spent_at IS NULL THEN i.bound_to ELSE r.bound_to END AS bound_to \
             FROM refresh_tokens r JOIN sign_ins i ON i.id = r.sign_in_id WHERE r.secret_hash = $1",
        )
        .bind(token.hashed().as_str())
        .fetch_optional(&self.pool)
        .await?;
        let key = row.map(|row| row.try_get::<Option<String>, _>("bound_to"));
        Ok(key.transpose()?.flatten())
    }
}

pub(super) async fn bind(
    database: impl Executor<'_, Database = Any>,
    id: &SignInId,
    key: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sign_ins SET bound_to = $1 WHERE id = $2")
        .bind(key)
        .bind(id.as_str())
        .execute(database)
        .await?;
    Ok(())
}
