//! A person with an account. Holding a `User` is the proof that a request was made by them.

use super::email::Email;
use super::sign_in::Moment;

/// Opaque and stable; says nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

/// What the server knows of a person, without the hash of their password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub created_at: Moment,
    /// How often their password was changed. A sign-in begins only for whoever proved the present one.
    pub password_version: i64,
}

impl User {
    /// Who they are once they have changed their password.
    #[must_use]
    pub fn with_next_password(self) -> Self {
        let password_version = self.password_version + 1;
        Self {
            password_version,
            ..self
        }
    }
}

impl From<String> for UserId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl UserId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
