//! SQL for `known_devices`: in which browsers somebody proved an account to be theirs before.

use sqlx::Row;

use super::endings::lock_if_proved;
use super::{Store, StoreError};
use crate::domain::email::Email;
use crate::domain::sign_in::Moment;
use crate::domain::user::User;
use crate::server::batches::delete_in_batches;
use crate::server::secret::Hashed;

impl Store {
    /// Notes that the account was signed in to in this browser, or that it was once more; unless the password that was given
    /// there has been changed meanwhile, which made every other browser an unknown one. Says whether.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remember_device(
        &self,
        device: &Hashed,
        user: &User,
        expires_at: Moment,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        if !lock_if_proved(&mut transaction, user).await? {
            return Ok(false);
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
        Ok(true)
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

    /// Deletes devices that were not seen for too long: one by one, as with tries, because whoever changes a password deletes
    /// several in an order of their own.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_expired_devices(&self, now: Moment) -> Result<usize, StoreError> {
        let find = |most| self.find_expired_devices(now, most);
        let delete = |(device, user_id)| self.delete_expired_device(device, user_id, now);
        delete_in_batches(find, delete).await
    }

    async fn find_expired_devices(
        &self,
        now: Moment,
        most: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT device_hash, user_id FROM known_devices WHERE expires_at <= $1 LIMIT $2",
        )
        .bind(now.0)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        let keys = rows
            .iter()
            .map(|row| Ok((row.try_get("device_hash")?, row.try_get("user_id")?)));
        keys.collect()
    }

    async fn delete_expired_device(
        &self,
        device: String,
        user_id: String,
        now: Moment,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM known_devices WHERE device_hash = $1 AND user_id = $2 AND expires_at <= $3",
        )
        .bind(device)
        .bind(user_id)
        .bind(now.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
