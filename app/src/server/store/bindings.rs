//! SQL for the key that the tokens of a sign-in are bound to.

use sqlx::Row;

use super::{Store, StoreError};
use crate::domain::sign_in::SignInId;
use crate::server::secret::Secret;

impl Store {
    /// Binds its tokens to a key, or to none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind_sign_in(&self, id: &SignInId, key: Option<&str>) -> Result<(), StoreError> {
        sqlx::query("UPDATE sign_ins SET bound_to = $1 WHERE id = $2")
            .bind(key)
            .bind(id.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The key that a refresh token is bound to, whether it is spent or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_key_of(&self, token: &Secret) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT i.bound_to FROM refresh_tokens r JOIN sign_ins i ON i.id = r.sign_in_id \
             WHERE r.secret_hash = $1",
        )
        .bind(token.hashed().as_str())
        .fetch_optional(&self.pool)
        .await?;
        let key = row.map(|row| row.try_get::<Option<String>, _>("bound_to"));
        Ok(key.transpose()?.flatten())
    }
}
