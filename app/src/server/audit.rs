//! What is noted of authentication, for good (AU-01, OWASP ASVS 16.3.1): every event with its codes and its words. An event that
//! is not listed here cannot be noted. Knows no Leptos, no HTTP and no SQL.
//!
//! What is a row and what is not:
//! - What succeeds is written in the transaction of what it tells about: neither is there without the other.
//! - A refused guess is a row, because the throttle bounds how many a stranger has looked at. A try that a limit refuses unseen is
//!   one only the first time in an hour of that limit, so that no stranger fills the disk by trying on. Whoever has an account is
//!   bounded by how many passwords it may be shown, and is named by their rows (`docs/audit.md`).
//! - A renewal is none: each open browser makes one every few minutes, and `sign_ins.last_seen_at` tells as much. Neither is what
//!   nobody did (a sign-in that ran out), nor a proof that names nobody: that is a line in the log.
//! - What was typed is in no row. People type passwords into the field for the address.

mod trail;

pub use self::trail::{Audit, Noted, Whom};

/// Something that happened, or was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    SignedUp,
    /// The row is the owner's of the address.
    SignUpTaken,
    SignUpThrottled,
    /// A mail to confirm the address is asked for. The row is nobody's: anybody can ask with any address.
    SignUpAsked,
    SignUpWrongPassword,
    SignedIn,
    SignInWrongPassword,
    SignInUnknownAddress,
    SignInDisabled,
    SignInThrottled,
    SignedOut,
    /// Picked from the list of devices.
    EndedPicked,
    EndedOthers,
    EndedAll,
    /// It was one more than a person may have.
    EndedTooMany,
    /// The same browser began another.
    EndedReplaced,
    Confirmed,
    ConfirmationWrongPassword,
    ConfirmationNoAccount,
    ConfirmationThrottled,
    PasswordChanged,
    /// As with sign-ups, the row is nobody's.
    ResetAsked,
    PasswordReset,
    MailThrottled,
    ExchangedSession,
    ExchangedToken,
    /// A proof that was used up was shown again: somebody has a copy, and the sign-in has ended.
    ProofReused,
    /// A live token without a proof of the key that it is bound to …
    ProofWithoutKey,
    /// … with a proof of another key …
    ProofOfOtherKey,
    /// … or with one that was made for something else, or shown before.
    ProofInvalid,
    RenewalThrottled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused,
}

/// What was shown as a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Factor {
    Password,
    #[default]
    Session,
    AccessToken,
    RefreshToken,
    /// Of the key that a token is bound to.
    Possession,
    /// One in a mail.
    Link,
}

/// The codes of an event in the database, in the log and in the JSON API, and the words people read.
struct Codes(
    &'static str,
    Outcome,
    Option<&'static str>,
    Option<Factor>,
    &'static str,
);

impl Event {
    pub const ALL: [Self; 31] = [
        Self::SignedUp,
        Self::SignUpTaken,
        Self::SignUpThrottled,
        Self::SignUpAsked,
        Self::SignUpWrongPassword,
        Self::SignedIn,
        Self::SignInWrongPassword,
        Self::SignInUnknownAddress,
        Self::SignInDisabled,
        Self::SignInThrottled,
        Self::SignedOut,
        Self::EndedPicked,
        Self::EndedOthers,
        Self::EndedAll,
        Self::EndedTooMany,
        Self::EndedReplaced,
        Self::Confirmed,
        Self::ConfirmationWrongPassword,
        Self::ConfirmationNoAccount,
        Self::ConfirmationThrottled,
        Self::PasswordChanged,
        Self::ResetAsked,
        Self::PasswordReset,
        Self::MailThrottled,
        Self::ExchangedSession,
        Self::ExchangedToken,
        Self::ProofReused,
        Self::ProofWithoutKey,
        Self::ProofOfOtherKey,
        Self::ProofInvalid,
        Self::RenewalThrottled,
    ];

    /// The event with these codes; none for one that only a newer release knows.
    pub fn find(code: &str, reason: Option<&str>) -> Option<Self> {
        let is_it = |event: &Self| event.code() == code && event.reason() == reason;
        Self::ALL.into_iter().find(is_it)
    }

    pub fn code(self) -> &'static str {
        self.codes().0
    }

    pub fn outcome(self) -> Outcome {
        self.codes().1
    }

    /// Why it was refused, or what brought it about.
    pub fn reason(self) -> Option<&'static str> {
        self.codes().2
    }

    /// What it is always about; for other events it is what the request showed.
    pub fn factor(self) -> Option<Factor> {
        self.codes().3
    }

    pub fn in_words(self) -> &'static str {
        self.codes().4
    }

    #[rustfmt::skip]
    fn codes(self) -> Codes {
        use Factor::{Link, Password, Possession, RefreshToken, Session};
        use Outcome::{Done, Refused};
        match self {
            Self::SignedUp =>
                Codes("signed_up", Done, None, Some(Password), "Signed up"),
            Self::SignUpTaken =>
                Codes("sign_up_refused", Refused, Some("email_taken"), Some(Password), "Somebody tried to sign up with your address"),
            Self::SignUpThrottled =>
                Codes("sign_up_refused", Refused, Some("throttled"), Some(Password), "Too many sign-ups"),
            Self::SignUpAsked =>
                Codes("sign_up_asked", Done, None, None, "Asked to confirm an address"),
            Self::SignUpWrongPassword =>
                Codes("sign_up_refused", Refused, Some("wrong_password"), Some(Password), "Wrong password while confirming an address"),
            Self::SignedIn =>
                Codes("signed_in", Done, None, Some(Password), "Signed in with a password"),
            Self::SignInWrongPassword =>
                Codes("sign_in_refused", Refused, Some("wrong_password"), Some(Password), "Wrong password"),
            Self::SignInUnknownAddress =>
                Codes("sign_in_refused", Refused, Some("unknown_address"), Some(Password), "Unknown address"),
            Self::SignInDisabled =>
                Codes("sign_in_refused", Refused, Some("account_disabled"), Some(Password), "The account was disabled"),
            Self::SignInThrottled =>
                Codes("sign_in_refused", Refused, Some("throttled"), Some(Password), "Too many tries to sign in"),
            Self::SignedOut =>
                Codes("signed_out", Done, None, None, "Signed out"),
            Self::EndedPicked =>
                Codes("sign_in_ended", Done, Some("picked"), None, "Ended a sign-in from the list of devices"),
            Self::EndedOthers =>
                Codes("sign_in_ended", Done, Some("others"), None, "Ended a sign-in with all others"),
            Self::EndedAll =>
                Codes("sign_in_ended", Done, Some("all"), None, "Ended a sign-in with all there were"),
            Self::EndedTooMany =>
                Codes("sign_in_ended", Done, Some("too_many"), Some(Password), "A sign-in ended, because a new one was one too many"),
            Self::EndedReplaced =>
                Codes("sign_in_ended", Done, Some("replaced"), None, "A sign-in ended, because the same browser began another"),
            Self::Confirmed =>
                Codes("confirmed", Done, None, Some(Password), "Confirmed with the password"),
            Self::ConfirmationWrongPassword =>
                Codes("confirmation_refused", Refused, Some("wrong_password"), Some(Password), "Wrong password while confirming"),
            Self::ConfirmationNoAccount =>
                Codes("confirmation_refused", Refused, Some("no_account"), Some(Password), "Confirmed without a live account"),
            Self::ConfirmationThrottled =>
                Codes("confirmation_refused", Refused, Some("throttled"), Some(Password), "Too many tries to confirm"),
            Self::PasswordChanged =>
                Codes("password_changed", Done, None, Some(Password), "Changed the password"),
            Self::ResetAsked =>
                Codes("reset_asked", Done, None, None, "Asked for a new password"),
            Self::PasswordReset =>
                Codes("password_reset", Done, None, Some(Link), "Set a new password with a link in a mail"),
            Self::MailThrottled =>
                Codes("mail_refused", Refused, Some("throttled"), None, "Too many mails asked for"),
            Self::ExchangedSession =>
                Codes("exchanged", Done, Some("session_for_token"), Some(Session), "Went on with a JWT instead of a cookie session"),
            Self::ExchangedToken =>
                Codes("exchanged", Done, Some("token_for_session"), Some(RefreshToken), "Went on with a cookie session instead of a JWT"),
            Self::ProofReused =>
                Codes("proof_reused", Refused, None, None, "Somebody used a copy of a sign-in, and it was ended"),
            Self::ProofWithoutKey =>
                Codes("proof_refused", Refused, Some("without_key"), Some(Possession), "A token was used without its key"),
            Self::ProofOfOtherKey =>
                Codes("proof_refused", Refused, Some("other_key"), Some(Possession), "A token was used with another key"),
            Self::ProofInvalid =>
                Codes("proof_refused", Refused, Some("invalid"), Some(Possession), "A token was used with a proof that is not good"),
            Self::RenewalThrottled =>
                Codes("renewal_refused", Refused, Some("throttled"), None, "Too many renewals"),
        }
    }
}

impl Outcome {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl Factor {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Session => "session",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Possession => "proof_of_possession",
            Self::Link => "link",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Event;

    #[test]
    fn every_event_is_found_by_its_codes_and_has_words_of_its_own() {
        let words: BTreeSet<_> = Event::ALL.iter().map(|event| event.in_words()).collect();

        for (number, event) in Event::ALL.into_iter().enumerate() {
            assert_eq!(event as usize, number, "{event:?} is in its place");
            assert_eq!(Event::find(event.code(), event.reason()), Some(event));
        }
        assert_eq!(Event::ALL.len(), Event::RenewalThrottled as usize + 1);
        assert_eq!(words.len(), Event::ALL.len());
        assert_eq!(Event::find("signed_in", Some("of_the_future")), None);
    }
}
