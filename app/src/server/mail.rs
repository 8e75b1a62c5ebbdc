//! Mail. What is to be sent is a row, written where it is asked for, and `post.rs` sends it when nobody waits for it: whoever asks
//! learns nothing from the answer or its time, and a mail server that is down loses nothing (EN-04, AV-13).

pub mod carrier;
pub mod post;

mod letters;
mod matter;

use std::time::Duration;

/// What a mail is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody asked for an account with this address: a link to confirm it, or word that there is one (EN-03).
    SignUp,
    /// Somebody asked for a new password: a link, if there is an account.
    Reset,
    /// The password was changed or set anew (ASVS 6.3.7).
    PasswordChanged,
    /// A copy of a sign-in was used, and the sign-in has ended (RFC 9700 §4.14.2).
    SignInCopied,
}

/// What a link in a mail is good for, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To confirm the address of a sign-up.
    SignUp,
    /// To set a new password (RE-01).
    Reset,
}

impl Occasion {
    const ALL: [Self; 4] = [
        Self::SignUp,
        Self::Reset,
        Self::PasswordChanged,
        Self::SignInCopied,
    ];

    /// The one with this name in the database; none for one that only a newer release knows.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|occasion| occasion.as_str() == name)
    }

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Reset => "reset",
            Self::PasswordChanged => "password_changed",
            Self::SignInCopied => "sign_in_copied",
        }
    }

    /// Whether anybody who knows the address can bring it about.
    pub fn is_asked_by_anybody(self) -> bool {
        matches!(self, Self::SignUp | Self::Reset)
    }
}

impl Purpose {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Reset => "reset",
        }
    }

    /// How long its link is good: to set a password no longer than an hour (OWASP Forgot Password cheat sheet, RE-01).
    pub fn good_for(self) -> Duration {
        match self {
            Self::SignUp => Duration::from_secs(24 * 60 * 60),
            Self::Reset => Duration::from_secs(30 * 60),
        }
    }

    /// The page that its link leads to.
    pub fn page(self) -> &'static str {
        match self {
            Self::SignUp => "/verify-email",
            Self::Reset => "/reset-password",
        }
    }
}
