//! Accounts: making one, and proving that one is yours. Knows no Leptos and no HTTP.

mod resetting;
mod signing_up;

pub use self::resetting::ResetError;
pub use self::signing_up::{ConfirmSignUpError, SignUpError};

use super::audit::{Audit, Event, Whom};
use super::breaches::Breaches;
use super::caller::Caller;
use super::clock::Clock;
use super::password_hash::{HashError, PasswordHash, PasswordHasher, Recipe};
use super::password_policy::Choice;
use super::store::{Account, Store, StoreError};
use super::throttle::{Guess, Guesser, Throttle, Throttled};
use crate::domain::email::Email;
use crate::domain::password::{Password, PasswordError};
use crate::domain::user::{User, UserId};

/// An address and the password typed for it.
#[derive(Debug)]
pub struct Credentials {
    pub email: Email,
    pub password: Password,
}

#[derive(Clone, Debug)]
pub struct Accounts {
    store: Store,
    throttle: Throttle,
    audit: Audit,
    hasher: PasswordHasher,
    breaches: Breaches,
    clock: Clock,
}

/// Why a password cannot be the new one.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Hash(#[from] HashError),
}

#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// Unknown address, wrong password or disabled account: which one is not told (ASVS 6.3.8).
    #[error("the address or the password is wrong")]
    Refused,
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// As [`AuthenticateError`], about somebody whose address is known: what is refused is the password.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ConfirmError(#[from] pub AuthenticateError);

/// What a password is given for.
#[derive(Clone, Copy)]
enum Purpose {
    SignIn,
    Confirmation,
    SignUp,
}

/// What is wrong with credentials, and whose they were meant to be. For the audit trail alone: nobody else is told.
struct Wrong {
    why: Why,
    user: Option<UserId>,
}

#[derive(Clone, Copy)]
enum Why {
    WrongPassword,
    UnknownAddress,
    Disabled,
}

impl Purpose {
    fn event(self, why: Why) -> Event {
        match (self, why) {
            (Self::SignIn, Why::WrongPassword) => Event::SignInWrongPassword,
            (Self::SignIn, Why::UnknownAddress) => Event::SignInUnknownAddress,
            (Self::SignIn, Why::Disabled) => Event::SignInDisabled,
            (Self::Confirmation, Why::WrongPassword) => Event::ConfirmationWrongPassword,
            (Self::Confirmation, _) => Event::ConfirmationNoAccount,
            (Self::SignUp, _) => Event::SignUpWrongPassword,
        }
    }

    fn throttled(self) -> Event {
        match self {
            Self::SignIn => Event::SignInThrottled,
            Self::Confirmation => Event::ConfirmationThrottled,
            Self::SignUp => Event::SignUpThrottled,
        }
    }
}

impl Accounts {
    pub fn new(
        store: Store,
        throttle: Throttle,
        audit: Audit,
        clock: Clock,
        recipe: Recipe,
        breaches: Breaches,
    ) -> Self {
        Self {
            store,
            throttle,
            audit,
            hasher: PasswordHasher::new(recipe),
            breaches,
            clock,
        }
    }

    /// The hash of a password that somebody chooses. Whatever sets a password goes through here.
    ///
    /// # Errors
    /// [`ChoiceError`].
    pub async fn choose(&self, choice: Choice<'_>) -> Result<PasswordHash, ChoiceError> {
        self.breaches.check(choice.password()).await?;
        Ok(self.hasher.hash(choice.password()).await?)
    }

    /// The person whose credentials these are. Takes as long for an unknown address as for a wrong password.
    ///
    /// Whoever tried too often is refused before anything is looked at.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn authenticate(
        &self,
        credentials: &Credentials,
        guesser: &Guesser,
        caller: &Caller,
    ) -> Result<User, AuthenticateError> {
        self.guess(Purpose::SignIn, credentials, guesser, caller)
            .await
    }

    async fn guess(
        &self,
        purpose: Purpose,
        credentials: &Credentials,
        guesser: &Guesser,
        caller: &Caller,
    ) -> Result<User, AuthenticateError> {
        let checked = self.check(credentials);
        let email = &credentials.email;
        let counted = self.throttle.guess(email, guesser).await;
        self.look(purpose, email, counted, caller, checked).await
    }

    /// Lets `checked` look at a password if there is a guess left, and keeps the account of guesses.
    async fn look(
        &self,
        purpose: Purpose,
        email: &Email,
        counted: Result<Guess, Throttled>,
        caller: &Caller,
        checked: impl Future<Output = Result<Result<User, Wrong>, AuthenticateError>>,
    ) -> Result<User, AuthenticateError> {
        // A request that is given up half-way stays counted: otherwise giving up would make guesses free.
        let guess = match counted {
            Ok(guess) => guess,
            Err(error) => {
                if let Throttled::Wait { limit, .. } = &error {
                    let (event, owner) = (purpose.throttled(), Whom::Owner(email));
                    self.audit.refused_by(limit, event, owner, caller).await;
                }
                return Err(error.into());
            }
        };
        match checked.await {
            Ok(Ok(user)) => {
                self.throttle.was_right(guess).await?;
                Ok(user)
            }
            Ok(Err(Wrong { why, user })) => {
                let whom = user.as_ref().map_or(Whom::Nobody, Whom::User);
                self.audit.refused(purpose.event(why), whom, caller).await;
                Err(AuthenticateError::Refused)
            }
            Err(error @ AuthenticateError::Hash(HashError::Busy)) => {
                self.throttle.was_not_made(guess).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The work is the same whatever the outcome.
    async fn check(
        &self,
        credentials: &Credentials,
    ) -> Result<Result<User, Wrong>, AuthenticateError> {
        let account = self.store.find_user_by_email(&credentials.email).await?;
        let hash = match &account {
            Some(account) => &account.password_hash,
            None => &self.hasher.hash_of_nobody()?,
        };
        let is_match = self.hasher.verify(&credentials.password, hash).await?;
        let (why, user) = match account {
            Some(account) if is_match && !account.is_disabled => {
                self.renew_hash(&account, &credentials.password).await;
                return Ok(Ok(account.user));
            }
            Some(account) if is_match => (Why::Disabled, Some(account.user.id)),
            Some(account) => (Why::WrongPassword, Some(account.user.id)),
            None => (Why::UnknownAddress, None),
        };
        Ok(Err(Wrong { why, user }))
    }

    /// Replaces a hash that was made by an older recipe, once, while the password is at hand (PW-03). That it does not
    /// work today keeps nobody out: the next sign-in tries again.
    async fn renew_hash(&self, account: &Account, password: &Password) {
        let (user, old) = (&account.user, &account.password_hash);
        if !self.hasher.is_outdated(old) {
            return;
        }
        match self.hasher.hash_again(password).await {
            Ok(new) => {
                if let Err(error) = self.store.replace_password_hash(&user.id, old, &new).await {
                    tracing::warn!(%error, "an old password hash could not be replaced");
                }
            }
            Err(error) => tracing::info!(%error, "an old password hash is kept for now"),
        }
    }

    /// The person as they are now, if `password` is the one of this very person; somebody else's is refused like any other
    /// (SU-01).
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(
        &self,
        user: &User,
        password: Password,
        guesser: &Guesser,
        caller: &Caller,
    ) -> Result<User, ConfirmError> {
        let email = user.email.clone();
        let credentials = Credentials { email, password };
        let answer = self.guess(Purpose::Confirmation, &credentials, guesser, caller);
        let found = answer.await?;
        if found.id != user.id {
            return Err(AuthenticateError::Refused.into());
        }
        Ok(found)
    }
}
