//! Exchanging the proof of a sign-in for one of the other kind: what keeps people signed in when the server was built for
//! the other mode meanwhile. The row stays the same, with both its ends.

use super::SignIns;
use super::ending::to_the_end;
use crate::domain::sign_in::SignInId;
use crate::server::secret::{Secret, SessionId};
use crate::server::store::{Exchange, Shown, SignedIn, StoreError};

/// A sign-in and its proof of the other kind.
#[derive(Debug)]
pub struct Exchanged<Proof> {
    pub signed_in: SignedIn,
    pub proof: Proof,
}

/// Why a proof is not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("there is no live sign-in behind the proof")]
    Ended,
    /// The browser has the new proof by now, from another tab.
    #[error("the proof was exchanged, and what it was exchanged for is in use since just now")]
    Superseded,
    /// The browser may have a newer proof by now.
    #[error("the refresh token was spent just now")]
    Late,
    /// The browser has a newer proof by now, or somebody has a copy: it asks once more under another name.
    #[error("the refresh token was spent by the same attempt, and what came of it is in use")]
    Overtaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SignIns {
    /// Exchanges a session for a refresh token.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub async fn exchange_session(
        &self,
        shown: Shown<SessionId>,
    ) -> Result<Exchanged<Secret>, ExchangeError> {
        let times = self.times();
        let all = self.clone();
        let exchange = to_the_end(async move {
            let (store, seed) = (&all.store, Secret::random());
            let exchange = store.exchange_session(&shown, &seed, times).await;
            all.forget_old_proof(&exchange);
            exchange
        });
        self.exchanged(exchange.await?).await
    }

    /// Exchanges a refresh token of the sign-in `expected` for a session, whose data begins as `data` says. For a token that
    /// was spent by a renewal of this very attempt its successor is exchanged: the answer was lost.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub async fn exchange_refresh_token(
        &self,
        shown: Shown,
        expected: SignInId,
        data: fn(&SignInId) -> String,
    ) -> Result<Exchanged<SessionId>, ExchangeError> {
        let times = self.times();
        let all = self.clone();
        let exchange = to_the_end(async move {
            let (store, seed) = (&all.store, Secret::random());
            let exchange = store
                .exchange_refresh_token(&shown, &expected, &seed, times, data)
                .await;
            all.forget_old_proof(&exchange);
            exchange
        });
        self.exchanged(exchange.await?).await
    }

    /// The token of this sign-in is in use. Says whether `session` was exchanged for it, and so is done with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn supersede_session(
        &self,
        session: &SessionId,
        sign_in_id: &SignInId,
    ) -> Result<bool, StoreError> {
        self.store
            .supersede_session(&session.hashed(), sign_in_id, self.clock.now())
            .await
    }

    /// The session is no proof from here on, the sign-in is of another kind, or it has ended.
    fn forget_old_proof<Proof>(&self, exchange: &Result<Exchange<Proof>, StoreError>) {
        match exchange {
            Ok(Exchange::Given { sign_in_id, .. } | Exchange::Reused { sign_in_id }) => {
                self.forget(sign_in_id);
            }
            Ok(Exchange::Superseded | Exchange::Late | Exchange::Overtaken | Exchange::Refused) => {
            }
            Err(_) => self.cache.revoke_all(),
        }
    }

    async fn exchanged<Proof>(
        &self,
        exchange: Exchange<Proof>,
    ) -> Result<Exchanged<Proof>, ExchangeError> {
        let (sign_in_id, proof) = match exchange {
            Exchange::Given {
                sign_in_id,
                successor,
            } => (sign_in_id, successor),
            Exchange::Superseded => return Err(ExchangeError::Superseded),
            Exchange::Late => return Err(ExchangeError::Late),
            Exchange::Overtaken => return Err(ExchangeError::Overtaken),
            Exchange::Reused { sign_in_id } => {
                let sid = sign_in_id.as_str();
                tracing::warn!(sid, "exchanged proof reused; sign-in ended");
                return Err(ExchangeError::Ended);
            }
            Exchange::Refused => return Err(ExchangeError::Ended),
        };
        let signed_in = self.find_live(&sign_in_id).await?;
        Ok(Exchanged {
            signed_in: signed_in.ok_or(ExchangeError::Ended)?,
            proof,
        })
    }
}
