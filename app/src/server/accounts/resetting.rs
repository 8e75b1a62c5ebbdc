//! What is asked for by mail, and a new password for whoever has the link in it. Asking does the same for an address that nobody
//! has: it is looked up when the mail is sent, and nobody waits for that (EN-04).

use super::{Accounts, ChoiceError};
use crate::domain::email::Email;
use crate::domain::password::NewPassword;
use crate::domain::user::User;
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::client_address::ClientAddress;
use crate::server::mail::Occasion;
use crate::server::password_hash::PasswordHash;
use crate::server::password_policy;
use crate::server::secret::Secret;
use crate::server::store::StoreError;
use crate::server::throttle::{Guesser, Throttled};

/// Why a password is not set by a link.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// It was used, replaced by a later one, is too old, or from before the password was changed.
    #[error("the link is not good any more")]
    DeadLink,
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Asks for a link to set a new password.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn ask_for_reset(
        &self,
        email: &Email,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<(), Throttled> {
        let (occasion, event) = (Occasion::Reset, Event::ResetAsked);
        self.ask(occasion, event, email, from, caller).await
    }

    /// Asks once more for the link that confirms an address.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn ask_to_confirm(
        &self,
        email: &Email,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<(), Throttled> {
        let (occasion, event) = (Occasion::SignUp, Event::SignUpAsked);
        self.ask(occasion, event, email, from, caller).await
    }

    async fn ask(
        &self,
        occasion: Occasion,
        event: Event,
        email: &Email,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<(), Throttled> {
        let counted = self.throttle.asked_mail(from).await;
        if let Err(Throttled::Wait { limit, .. }) = &counted {
            let (audit, event) = (&self.audit, Event::MailThrottled);
            audit.refused_by(limit, event, Whom::Nobody, caller).await;
        }
        counted?;
        let now = self.clock.now();
        let asked = self.store.ask_for_mail(occasion, event, email, caller, now);
        Ok(asked.await?)
    }

    /// Whose password may be set by this link, if it is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn whose_reset(&self, token: &Secret) -> Result<Option<User>, StoreError> {
        let (token, now) = (token.hashed(), self.clock.now());
        self.store.find_reset(&token, now).await
    }

    /// Whose password may be set by this link, if it is the one with the address `shown`, and the hash of the one that they chose.
    ///
    /// # Errors
    /// [`ResetError`]; the link is as good as it was.
    pub async fn choose_anew(
        &self,
        token: &Secret,
        shown: &str,
        password: &NewPassword,
    ) -> Result<(User, PasswordHash), ResetError> {
        let user = self.whose_reset(token).await?;
        let user = user.filter(|user| user.email.as_str() == shown);
        let user = user.ok_or(ResetError::DeadLink)?;
        let choice = password_policy::check(&user.email, password).map_err(ChoiceError::from)?;
        let hash = self.choose(choice).await?;
        Ok((user, hash))
    }

    /// Whoever has set a new password need not wait for the guesses they made before. Should that fail, they wait.
    pub async fn forget_guesses(&self, user: &User, guesser: &Guesser) {
        if let Err(error) = self.throttle.forget_guesses(&user.email, guesser).await {
            tracing::warn!(%error, "guesses from before a reset could not be forgotten");
        }
    }
}
