//! Accounts: making one, and proving that one is yours. Knows no Leptos and no HTTP.

use super::clock::Clock;
use super::password_hash::{HashError, PasswordHash, PasswordHasher};
use super::secret::random_text;
use super::store::{EmailTaken, Store, StoreError};
use crate::domain::email::Email;
use crate::domain::password::{NewPassword, Password};
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
    hasher: PasswordHasher,
    clock: Clock,
}

#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
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
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            hasher: PasswordHasher::new(),
            clock,
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`SignUpError`]; of several sign-ups with one address at the same time exactly one succeeds.
    pub async fn sign_up(&self, email: Email, password: &NewPassword) -> Result<User, SignUpError> {
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
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn authenticate(&self, credentials: &Credentials) -> Result<User, AuthenticateError> {
        let (user, hash) = match self.store.find_user_by_email(&credentials.email).await? {
            Some((user, hash)) => (Some(user), hash),
            None => (None, PasswordHash::of_nobody()),
        };
        let is_match = self.hasher.verify(&credentials.password, &hash).await?;
        user.filter(|_| is_match).ok_or(AuthenticateError::Refused)
    }

    /// Whether `password` is the one of this very person; somebody else's is refused like any other (SU-01).
    ///
    /// # Errors
    /// [`ConfirmError`].
    pub async fn confirm(&self, user: &User, password: Password) -> Result<(), ConfirmError> {
        let email = user.email.clone();
        let credentials = Credentials { email, password };
        match self.authenticate(&credentials).await {
            Ok(found) if found.id == user.id => Ok(()),
            Ok(_) | Err(AuthenticateError::Refused) => Err(ConfirmError::Refused),
            Err(AuthenticateError::Hash(error)) => Err(error.into()),
            Err(AuthenticateError::Store(error)) => Err(error.into()),
        }
    }
}
