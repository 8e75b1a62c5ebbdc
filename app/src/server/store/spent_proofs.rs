//! SQL for `spent_proofs`: proofs of possession that no node takes any more.

use super::{Store, StoreError};
use crate::domain::sign_in::Moment;
use crate::server::proofs::TakenProof;

impl Store {
    /// Whether nobody has spent this proof before: of two that try at the same time, one has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn spend_proof(&self, proof: &TakenProof, now: Moment) -> Result<bool, StoreError> {
        let result = sqlx::query(
            "INSERT INTO spent_proofs (proof, spent_at, forget_at) VALUES ($1, $2, $3) \
             ON CONFLICT (proof) DO NOTHING",
        )
        .bind(format!("{:032x}", proof.number))
        .bind(now.0)
        .bind(proof.good_until.0)
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Deletes the proofs that are too old to be taken again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_old_proofs(&self, now: Moment) -> Result<u64, StoreError> {
        let result = sqlx::query("DELETE FROM spent_proofs WHERE forget_at < $1")
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(result.rows_affected())
    }
}
