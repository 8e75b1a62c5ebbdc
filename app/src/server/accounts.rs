//! Accounts: making one, and proving that one is yours. Knows no Leptos and no HTTP.

use super::client_address::ClientAddress;
use super::clock::Clock;
use super::password_hash::{HashError, PasswordHash, PasswordHasher, Recipe};
use super::password_policy;
use super::secret::random_text;
use super::store::{EmailTaken, Store, StoreError};
use super::throttle::{Guesser, Throttle, Throttled};
use crate::domain::email::Email;
use crate::domain::password::{NewPassword, Password, PasswordError};
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
    hasher: PasswordHasher,
    clock: Clock,
}

#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error("the password is not this person's")]
    Refused,
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
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

impl Accounts {
    pub fn new(store: Store, throttle: Throttle, clock: Clock, recipe: Recipe) -> Self {
        Self {
            store,
            throttle,
            hasher: PasswordHasher::new(recipe),
            clock,
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`SignUpError`]; of several sign-ups with one address at the same time exactly one succeeds.
    pub async fn sign_up(
        &self,
        email: Email,
        password: &NewPassword,
        from: ClientAddress,
    ) -> Result<User, SignUpError> {
        password_policy::check(&email, password)?;
        self.throttle.sign_up(from).await?;
        let hash = self.hasher.hash(password).await?;
        let user = User {
            id: UserId::from(random_text::<16>()),
            email,
            created_at: self.clock.now(),
        };
        self.store.insert_user(&user, &hash).await??;
        Ok(user)
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
    ) -> Result<User, AuthenticateError> {
        // A request that is given up half-way stays counted: otherwise giving up would make guesses free.
        let guess = self.throttle.guess(&credentials.email, guesser).await?;
        let result = self.check(credentials).await;
        match &result {
            Ok(_) => self.throttle.was_right(guess).await?,
            Err(AuthenticateError::Hash(HashError::Busy)) => {
                self.throttle.was_not_made(guess).await?;
            }
            Err(_) => {}
        }
        result
    }

    async fn check(&self, credentials: &Credentials) -> Result<User, AuthenticateError> {
        let (user, hash) = match self.store.find_user_by_email(&credentials.email).await? {
            Some((user, hash)) => (Some(user), hash),
            None => (None, self.hasher.hash_of_nobody()?),
        };
        let is_match = self.hasher.verify(&credentials.password, &hash).await?;
        let user = user
            .filter(|_| is_match)
            .ok_or(AuthenticateError::Refused)?;
        if self.hasher.is_outdated(&hash) {
            self.renew_hash(&user, &credentials.password, &hash).await;
        }
        Ok(user)
    }

    /// Replaces a hash that was made by an older recipe, once, while the password is at hand (PW-03). That it does not
    /// work today keeps nobody out: the next sign-in tries again.
    async fn renew_hash(&self, user: &User, password: &Password, old: &PasswordHash) {
        match self.hasher.hash_again(password).await {
            Ok(new) => {
                if let Err(error) = self.store.replace_password_hash(&user.id, old, &new).await {
                    tracing::warn!(%error, "an old password hash could not be replaced");
                }
            }
            Err(error) => tracing::info!(%error, "an old password hash is kept for now"),
        }
    }

    /// Whether `password` is the one of this very person; somebody else's is refused like any other (SU-01).
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(
        &self,
        user: &User,
        password: Password,
        guesser: &Guesser,
    ) -> Result<(), ConfirmError> {
        let email = user.email.clone();
        let credentials = Credentials { email, password };
        match self.authenticate(&credentials, guesser).await {
            Ok(found) if found.id == user.id => Ok(()),
            Ok(_) | Err(AuthenticateError::Refused) => Err(ConfirmError::Refused),
            Err(AuthenticateError::Throttled(error)) => Err(error.into()),
            Err(AuthenticateError::Hash(error)) => Err(error.into()),
            Err(AuthenticateError::Store(error)) => Err(error.into()),
        }
    }
}
