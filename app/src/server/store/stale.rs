//! SQL that clears away what came by mail, or should have: links that have expired, sign-ups that nobody confirmed, and mails that
//! could not be sent for so long that nobody waits for them.

use sqlx::Row;

use super::{Store, StoreError};
use crate::domain::sign_in::Moment;
use crate::server::batches::delete_in_batches;

#[derive(Clone, Copy, Debug)]
pub enum Stale {
    /// Which were to be sent before the moment.
    Mails,
    /// Which were good until the moment.
    Links,
    /// Which were made before the moment.
    SignUps,
}

impl Stale {
    fn find(self) -> &'static str {
        match self {
            Self::Mails => "SELECT id FROM mails WHERE asked_at < $1 LIMIT $2",
            Self::Links => "SELECT token_hash AS id FROM links WHERE expires_at <= $1 LIMIT $2",
            Self::SignUps => "SELECT id FROM sign_ups WHERE asked_at < $1 LIMIT $2",
        }
    }

    fn delete(self) -> &'static str {
        match self {
            Self::Mails => "DELETE FROM mails WHERE id = $1",
            Self::Links => "DELETE FROM links WHERE token_hash = $1",
            Self::SignUps => "DELETE FROM sign_ups WHERE id = $1",
        }
    }
}

impl Store {
    /// Deletes what is stale at `moment`, a few at a time; says how many there were.
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted before stays deleted.
    pub async fn delete_stale(&self, what: Stale, moment: Moment) -> Result<usize, StoreError> {
        let find = |most| self.find_stale(what, moment, most);
        let delete = |id| self.delete_one(what, id);
        delete_in_batches(find, delete).await
    }

    async fn find_stale(
        &self,
        what: Stale,
        moment: Moment,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(what.find())
            .bind(moment.0)
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    async fn delete_one(&self, what: Stale, id: String) -> Result<(), StoreError> {
        sqlx::query(what.delete())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
