//! A password as it is typed (`Password`) and one that may be chosen (`NewPassword`).
//! Neither can be printed. Bytes are taken as they are: no trimming, no normal form, no cut at NUL.

use std::fmt;

/// Longer input is refused before it is hashed, so that nobody pays for megabytes (PW-06).
const MOST_BYTES: usize = 1024;

/// What somebody typed to prove who they are.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// A password that meets the policy and may be stored as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(Password);

/// Why a password cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("Enter your password.")]
    Missing,
    #[error("Choose a longer password: at least {least} characters.")]
    TooShort { least: usize },
    #[error("This password is among the first that others try. Choose another.")]
    Common,
    #[error(
        "This password was stolen from another site and is known to those who try passwords. Choose another."
    )]
    Breached,
    #[error("This password is your address or the name of this site. Choose another.")]
    Personal,
    #[error("Choose a shorter password: at most 1024 bytes.")]
    TooLong,
}

impl Password {
    /// # Errors
    /// [`PasswordError::Missing`] and [`PasswordError::TooLong`].
    pub fn parse(text: String) -> Result<Self, PasswordError> {
        match text.len() {
            0 => Err(PasswordError::Missing),
            1..=MOST_BYTES => Ok(Self(text)),
            _ => Err(PasswordError::TooLong),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl NewPassword {
    /// `least` is the shortest length allowed, in characters as a person counts them (Unicode scalars).
    ///
    /// # Errors
    /// Any [`PasswordError`].
    pub fn parse(text: String, least: usize) -> Result<Self, PasswordError> {
        let password = Password::parse(text)?;
        if password.0.chars().count() < least {
            return Err(PasswordError::TooShort { least });
        }
        Ok(Self(password))
    }

    pub fn as_password(&self) -> &Password {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{NewPassword, Password, PasswordError};

    #[test]
    fn eleven_characters_are_too_few_and_twelve_are_enough() {
        let short = NewPassword::parse("elevenchars".into(), 12);
        let enough = NewPassword::parse("twelve chars".into(), 12);

        assert_eq!(short, Err(PasswordError::TooShort { least: 12 }));
        assert!(enough.is_ok());
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let emoji = NewPassword::parse("😀".repeat(11), 12);

        assert_eq!(emoji, Err(PasswordError::TooShort { least: 12 }));
    }

    #[test]
    fn the_bytes_survive_as_they_are() {
        let text = "  a\0b é😀\u{202e} ";

        let password = Password::parse(text.into()).unwrap();

        assert_eq!(password.as_bytes(), text.as_bytes());
    }

    #[test]
    fn ten_kilobytes_are_refused() {
        assert_eq!(
            Password::parse("x".repeat(10_000)),
            Err(PasswordError::TooLong)
        );
    }

    #[test]
    fn debug_output_hides_the_password() {
        let password = NewPassword::parse("correct horse battery".into(), 12).unwrap();

        assert!(!format!("{password:?}").contains("horse"));
    }
}
