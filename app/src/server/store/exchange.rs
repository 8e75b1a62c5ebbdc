//! SQL for exchanging the proof of a sign-in for one of the other kind. Both kinds follow one rule: check and spend in one
//! statement; the same successor again until it is seen in use; after that the old proof is a copy.

use sqlx::{Any, Row, Transaction};

use super::attempts::SpentBy;
use super::audit_events::{end_copied, note};
use super::bindings::bind;
use super::refresh_tokens::{For, Shown, Spent, Times, find, insert, spend};
use super::sessions::{
    find_exchanged_session, insert_exchanged, spend_session, supersede_sessions,
};
use super::{Store, StoreError};
use crate::domain::sign_in::{Kind, Moment, SignInId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::secret::{Hashed, Secret, SessionId};

/// What became of a proof that was presented to be exchanged.
#[derive(Debug)]
pub enum Exchange<Successor> {
    /// It was live, or its one successor is given again because nobody has used it yet.
    Given {
        sign_in_id: SignInId,
        successor: Successor,
    },
    /// The successor is in use, by the same attempt or since just now: another tab was quicker.
    Superseded,
    /// The token was spent just now by another attempt, or renewed by this one: there may be a newer one.
    Late,
    /// The same attempt spent the token, and what came of that is in use: by this browser, or by whoever was given the lost
    /// answer too. It is found out under another name, with this one as the earlier.
    Overtaken,
    /// The successor has been in use for a while: somebody has a copy. The sign-in has ended with this.
    Reused { sign_in_id: SignInId },
    /// Unknown, or its sign-in has ended.
    Refused,
}

impl Store {
    /// Exchanges a session for a refresh token of the same sign-in. `seed` makes the successor of one that is exchanged now. It is
    /// bound to the key that the client holds, if any, and is not given again to whoever holds another.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is exchanged then.
    pub async fn exchange_session(
        &self,
        shown: &Shown<SessionId>,
        seed: &Secret,
        times: Times,
    ) -> Result<Exchange<Secret>, StoreError> {
        let Shown {
            proof: presented,
            attempt,
            caller,
            held,
        } = shown;
        let now = times.now;
        let mut transaction = self.pool.begin().await?;
        let is_first = spend_session(&mut transaction, presented, attempt, seed, now).await?;
        let Some(old) = find_exchanged_session(&mut transaction, presented, now).await? else {
            return Ok(Exchange::Refused);
        };
        let successor = presented.refresh_token(&old.seed);
        if is_first {
            bind(&mut *transaction, &old.sign_in_id, held.key()).await?;
            insert(&mut transaction, &successor, &old.sign_in_id).await?;
            set_kind(&mut transaction, &old.sign_in_id, Kind::Token).await?;
            supersede_refresh_tokens(&mut transaction, &old.sign_in_id, now).await?;
            let (event, whom) = (Event::ExchangedSession, Whom::SignIn(&old.sign_in_id));
            note(&mut *transaction, event, whom, caller, now).await?;
        } else if let Some(at) = old.superseded_at {
            if at < times.grace_from && old.by(attempt) == SpentBy::SomebodyElse {
                return reused(transaction, old.sign_in_id, caller, now).await;
            }
            return Ok(Exchange::Superseded);
        } else if !held.opens(old.bound_to.as_deref()) {
            return reused(transaction, old.sign_in_id, caller, now).await;
        }
        transaction.commit().await?;
        Ok(Exchange::Given {
            sign_in_id: old.sign_in_id,
            successor,
        })
    }

    /// Exchanges a refresh token of the sign-in `expected` for a session, which holds `data`. A session is not renewed, so
    /// nobody would notice two who have the same one: what was given is given again to the very attempt it was given to and to
    /// nobody else. Whoever shows a spent token by another name, or none, comes too early to be told from a tab that was
    /// overtaken, or has a copy.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is exchanged then.
    pub async fn exchange_refresh_token(
        &self,
        shown: &Shown,
        expected: &SignInId,
        seed: &Secret,
        times: Times,
        data: fn(&SignInId) -> String,
    ) -> Result<Exchange<SessionId>, StoreError> {
        let now = times.now;
        let mut transaction = self.pool.begin().await?;
        let how = (seed, For::Session);
        let mut token = shown.proof.clone();
        let mut is_first = spend(&mut transaction, &token, &shown.attempt, how, now).await?;
        let Some(mut old) = find(&mut transaction, &token, now).await? else {
            return Ok(Exchange::Refused);
        };
        if old.sign_in_id != *expected {
            return Ok(Exchange::Refused);
        }
        let by = old.by(&shown.attempt);
        if !is_first && by != SpentBy::SomebodyElse && !old.is_exchanged {
            // The answer may still be on its way to another tab, whose next attempt would then know nothing of this one.
            if old.at >= times.grace_from {
                return Ok(Exchange::Late);
            }
            // The answer to a renewal of this attempt was lost, and its successor is what is exchanged.
            token = token.successor(&old.seed);
            if !old.successor_opens(&shown.held) {
                return reused(transaction, old.sign_in_id, &shown.caller, now).await;
            }
            is_first = spend(&mut transaction, &token, &shown.attempt, how, now).await?;
            let Some(next) = find(&mut transaction, &token, now).await? else {
                return Ok(Exchange::Refused);
            };
            old = next;
            if !is_first && !old.is_exchanged {
                return match by {
                    SpentBy::ThisAttempt => Ok(Exchange::Overtaken),
                    _ => reused(transaction, old.sign_in_id, &shown.caller, now).await,
                };
            }
        }
        if !is_first && old.by(&shown.attempt) == SpentBy::SomebodyElse {
            return not_the_one(transaction, old, shown, times).await;
        }
        if old.superseded_at.is_some() {
            // The answer with the session took the token from the browser: this asked before that, or somebody else has it.
            return Ok(Exchange::Overtaken);
        }
        if !is_first && !old.successor_opens(&shown.held) {
            return reused(transaction, old.sign_in_id, &shown.caller, now).await;
        }
        if is_first {
            let (event, whom) = (Event::ExchangedToken, Whom::SignIn(&old.sign_in_id));
            note(&mut *transaction, event, whom, &shown.caller, now).await?;
        }
        give_session(transaction, &token, old, is_first, now, data).await
    }

    /// Notes that the token which a session was exchanged for is in use, and says whether there was such an exchange.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn supersede_session(
        &self,
        id: &Hashed,
        sign_in_id: &SignInId,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT superseded_at FROM sessions \
             WHERE id_hash = $1 AND sign_in_id = $2 AND exchanged_at IS NOT NULL",
        )
        .bind(id.as_str())
        .bind(sign_in_id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(false) };
        if row.try_get::<Option<i64>, _>("superseded_at")?.is_none() {
            let mut transaction = self.pool.begin().await?;
            supersede_sessions(&mut transaction, sign_in_id, now).await?;
            transaction.commit().await?;
        }
        Ok(true)
    }
}

/// A session is in use, and so the refresh token that it came from is done with.
pub(super) async fn supersede_refresh_tokens(
    transaction: &mut Transaction<'_, Any>,
    sign_in_id: &SignInId,
    now: Moment,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE refresh_tokens SET superseded_at = $1 \
         WHERE sign_in_id = $2 AND is_exchanged = 1 AND superseded_at IS NULL",
    )
    .bind(now.0)
    .bind(sign_in_id.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn give_session(
    mut transaction: Transaction<'_, Any>,
    token: &Secret,
    old: Spent,
    is_first: bool,
    now: Moment,
    data: fn(&SignInId) -> String,
) -> Result<Exchange<SessionId>, StoreError> {
    let successor = token.session(&old.seed);
    if is_first {
        let data = data(&old.sign_in_id);
        insert_exchanged(&mut transaction, &successor, &old.sign_in_id, &data).await?;
        set_kind(&mut transaction, &old.sign_in_id, Kind::Cookie).await?;
        supersede_sessions(&mut transaction, &old.sign_in_id, now).await?;
    }
    transaction.commit().await?;
    Ok(Exchange::Given {
        sign_in_id: old.sign_in_id,
        successor,
    })
}

/// Shown by somebody who did not spend it.
async fn not_the_one<Successor>(
    transaction: Transaction<'_, Any>,
    old: Spent,
    shown: &Shown,
    times: Times,
) -> Result<Exchange<Successor>, StoreError> {
    if old.at < times.grace_from {
        return reused(transaction, old.sign_in_id, &shown.caller, times.now).await;
    }
    Ok(Exchange::Late)
}

/// Somebody has a copy, and the sign-in ends.
async fn reused<Successor>(
    transaction: Transaction<'_, Any>,
    sign_in_id: SignInId,
    caller: &Caller,
    now: Moment,
) -> Result<Exchange<Successor>, StoreError> {
    end_copied(transaction, &sign_in_id, caller, now).await?;
    Ok(Exchange::Reused { sign_in_id })
}

/// The list of devices tells how a sign-in is proved.
async fn set_kind(
    transaction: &mut Transaction<'_, Any>,
    id: &SignInId,
    kind: Kind,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sign_ins SET kind = $1 WHERE id = $2")
        .bind(kind.as_str())
        .bind(id.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
