//! SQL for `audit_events`. A row is added in the transaction of what it tells about, so that neither is there without the
//! other; the database refuses to change one.

use sqlx::{Any, Transaction};

use super::StoreError;
use super::sign_ins::revoke;
use crate::domain::sign_in::{Moment, SignInId};
use crate::server::caller::Caller;
use crate::server::secret::random_text;

/// Ends a sign-in whose proof `caller` has a copy of, and notes who showed it (RFC 9700 §4.14.2, ASVS 10.4.5). In one
/// transaction, which whoever hangs up in the middle cannot prevent.
pub(super) async fn end_copied(
    mut transaction: Transaction<'_, Any>,
    sign_in_id: &SignInId,
    caller: &Caller,
    now: Moment,
) -> Result<(), StoreError> {
    if !revoke(&mut *transaction, sign_in_id, now).await? {
        // It has ended meanwhile, by something else.
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO audit_events (id, happened_at, event, user_id, sign_in_id, address, user_agent, request_id) \
         SELECT $1, $2, 'proof_reused', user_id, id, $3, $4, $5 FROM sign_ins WHERE id = $6",
    )
    .bind(random_text::<16>())
    .bind(now.0)
    .bind(caller.device.address.as_str())
    .bind(caller.device.user_agent.as_str())
    .bind(caller.request_id.as_str())
    .bind(sign_in_id.as_str())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}
