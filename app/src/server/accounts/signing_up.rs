//! Signing up: at once, or once the address is confirmed by a link in a mail, and by the password that was chosen or another that is
//! chosen there. The link alone makes no account: its password may be somebody else's, who signed up with an address that is not
//! theirs (RE-08).

use super::{Accounts, AuthenticateError, ChoiceError, Purpose, ResetError, Why, Wrong};
use crate::domain::email::Email;
use crate::domain::password::{NewPassword, Password};
use crate::domain::user::{User, UserId};
use crate::server::audit::{Event, Whom};
use crate::server::caller::Caller;
use crate::server::client_address::ClientAddress;
use crate::server::password_hash::PasswordHash;
use crate::server::password_policy;
use crate::server::secret::{Secret, random_text};
use crate::server::store::{EmailTaken, StoreError, WaitingSignUp};
use crate::server::throttle::{Guesser, Throttled};

#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a sign-up is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmSignUpError {
    /// The link was used, replaced by a later one, or is too old; or the address has an account meanwhile.
    #[error("the link is not good any more")]
    DeadLink,
    /// What is refused is the password.
    #[error(transparent)]
    Password(#[from] AuthenticateError),
}

impl Accounts {
    /// Makes an account at once.
    ///
    /// # Errors
    /// [`SignUpError`]; of several sign-ups with one address at the same time exactly one succeeds.
    pub async fn sign_up(
        &self,
        email: Email,
        password: &NewPassword,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<User, SignUpError> {
        let hash = self.hash_chosen(&email, password, from, caller).await?;
        let user = self.new_user(email);
        let inserted = self.store.insert_user(&user, &hash, caller).await?;
        if inserted.is_err() {
            self.audit.address_was_taken(&user.email, caller).await;
        }
        inserted?;
        Ok(user)
    }

    /// Keeps a sign-up until its address is confirmed, and asks for the mail. Does the same for an address that has an account,
    /// whose owner is told by mail: what is done here depends on nothing that a stranger may not know (EN-03).
    ///
    /// # Errors
    /// [`SignUpError`], but never that the address is taken.
    pub async fn ask_to_sign_up(
        &self,
        email: &Email,
        password: &NewPassword,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<(), SignUpError> {
        let hash = self.hash_chosen(email, password, from, caller).await?;
        let now = self.clock.now();
        Ok(self.store.insert_sign_up(email, &hash, caller, now).await?)
    }

    async fn hash_chosen(
        &self,
        email: &Email,
        password: &NewPassword,
        from: ClientAddress,
        caller: &Caller,
    ) -> Result<PasswordHash, SignUpError> {
        // Before it is counted: whoever has to choose again would use up the sign-ups of their whole office.
        let choice = password_policy::check(email, password).map_err(ChoiceError::from)?;
        self.count_sign_up(from, caller).await?;
        Ok(self.choose(choice).await?)
    }

    async fn count_sign_up(&self, from: ClientAddress, caller: &Caller) -> Result<(), Throttled> {
        let counted = self.throttle.sign_up(from).await;
        if let Err(Throttled::Wait { limit, .. }) = &counted {
            let (audit, event) = (&self.audit, Event::SignUpThrottled);
            audit.refused_by(limit, event, Whom::Nobody, caller).await;
        }
        counted
    }

    /// The address that this link confirms, if it is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn address_to_confirm(&self, token: &Secret) -> Result<Option<Email>, StoreError> {
        let waiting = self.find_waiting(token).await?;
        Ok(waiting.map(|waiting| waiting.email))
    }

    /// Makes the account that somebody signed up for, for whoever has its link and knows its password.
    ///
    /// # Errors
    /// [`ConfirmSignUpError`].
    pub async fn confirm_sign_up(
        &self,
        token: &Secret,
        password: &Password,
        guesser: &Guesser,
        caller: &Caller,
    ) -> Result<User, ConfirmSignUpError> {
        let waiting = self.find_waiting(token).await;
        let waiting = waiting.map_err(AuthenticateError::from)?;
        let waiting = waiting.ok_or(ConfirmSignUpError::DeadLink)?;
        let (email, hash) = (waiting.email, &waiting.password_hash);
        let user = self.new_user(email.clone());
        let verified = async {
            let is_match = self.hasher.verify(password, hash).await?;
            let why = Why::WrongPassword;
            Ok(is_match.then_some(user).ok_or(Wrong { why, user: None }))
        };
        let (store, token) = (&self.store, token.hashed());
        let counted = self.throttle.guess_by_link(&token, guesser).await;
        let looked = self.look(Purpose::SignUp, &email, counted, caller, verified);
        let user = looked.await?;
        let made = store.confirm_sign_up(&token, &user, hash, caller).await;
        let is_made = made.map_err(AuthenticateError::from)?;
        is_made.then_some(user).ok_or(ConfirmSignUpError::DeadLink)
    }

    /// Makes the account with another password, for whoever has the link, if it is the one with the address `shown`.
    ///
    /// # Errors
    /// [`ResetError`].
    pub async fn sign_up_anew(
        &self,
        token: &Secret,
        shown: &str,
        password: &NewPassword,
        caller: &Caller,
    ) -> Result<User, ResetError> {
        let waiting = self.find_waiting(token).await?;
        let waiting = waiting.filter(|waiting| waiting.email.as_str() == shown);
        let email = waiting.ok_or(ResetError::DeadLink)?.email;
        let choice = password_policy::check(&email, password).map_err(ChoiceError::from)?;
        let hash = self.choose(choice).await?;
        let (user, token) = (self.new_user(email), token.hashed());
        let store = &self.store;
        let is_made = store.confirm_sign_up(&token, &user, &hash, caller).await?;
        is_made.then_some(user).ok_or(ResetError::DeadLink)
    }

    async fn find_waiting(&self, token: &Secret) -> Result<Option<WaitingSignUp>, StoreError> {
        let (token, now) = (token.hashed(), self.clock.now());
        self.store.find_sign_up(&token, now).await
    }

    fn new_user(&self, email: Email) -> User {
        User {
            id: UserId::from(random_text::<16>()),
            email,
            created_at: self.clock.now(),
            password_version: 0,
        }
    }
}
