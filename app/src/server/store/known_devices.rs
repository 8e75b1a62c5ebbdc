//! SQL for `known_devices`: in which browsers somebody proved an account to be theirs before.

use super::endings::lock_if_proved;
use super::{Store, StoreError};
use crate::domain::email::Email;
use crate::domain::sign_in::Moment;
use crate::domain::user::User;
use crate::server::secret::Hashed;

impl Store {
    /// Notes that the account was signed in to in this browser, or that it was once more; unless the password that was given
    /// there has been changed meanwhile, which made every other browser an unknown one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remember_device(
        &self,
        device: &Hashed,
        user: &User,
        expires_at: Moment,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        if !lock_if_proved(&mut transaction, user).await? {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO known_devices (device_hash, user_id, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (device_hash, user_id) DO UPDATE SET expires_at = excluded.expires_at",
        )
        .bind(device.as_str())
        .bind(user.id.as_str())
        .bind(expires_at.0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether the account with this address was signed in to in this browser before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn knows_device(
        &self,
        device: &Hashed,
        email: &Email,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT d.user_id FROM known_devices d JOIN users u ON u.id = d.user_id \
             WHERE d.device_hash = $1 AND u.email = $2 AND d.expires_at > $3",
        )
        .bind(device.as_str())
        .bind(email.as_str())
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }

    /// Deletes devices that were not seen for too long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired_devices(&self, now: Moment) -> Result<u64, StoreError> {
        let result = sqlx::query("DELETE FROM known_devices WHERE expires_at <= $1")
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(result.rows_affected())
    }
}
