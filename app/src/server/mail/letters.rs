//! What each mail says. Plain text, because a link that can be read can be judged. Nothing that a stranger typed is in it, and links begin
//! with the configured origin (RE-05).

use super::Purpose;
use crate::domain::sign_in::Moment;
use crate::server::device::Device;
use crate::server::secret::Secret;
use crate::server::user_agent::in_words;

/// One mail, without its addresses.
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// Where this app is, and where somebody was who asked for the mail or brought it about.
pub(super) struct Scene<'a> {
    pub(super) origin: &'a str,
    pub(super) device: &'a Device,
    pub(super) at: Moment,
}

/// A link that is good once, until `ends`.
pub(super) struct Link {
    pub(super) purpose: Purpose,
    pub(super) token: Secret,
    pub(super) ends: Moment,
}

impl Scene<'_> {
    pub(super) fn confirm_address(&self, link: &Link) -> Letter {
        let body = format!(
            "Somebody, probably you, signed up with this address at\n{}\n\n\
             To confirm it, open this link and give the password you chose:\n\n{}\n\n\
             If it was not you, do nothing: without this link there is no account.",
            self.origin,
            self.address_of(link),
        );
        self.letter("Confirm your address", &body)
    }

    pub(super) fn has_account(&self) -> Letter {
        let body = format!(
            "Somebody, probably you, tried to sign up with this address, which has an\n\
             account already, at\n{origin}\n\n\
             To sign in:\n{origin}/sign-in\n\n\
             If you forgot your password:\n{origin}/forgot-password\n\n\
             If it was not you, do nothing: nobody was told that you have an account.",
            origin = self.origin,
        );
        self.letter("You have an account already", &body)
    }

    pub(super) fn reset(&self, link: &Link) -> Letter {
        let body = format!(
            "Somebody, probably you, asked for a new password for your account at\n{}\n\n\
             To set one, open this link:\n\n{}\n\n\
             If it was not you, do nothing: your password stays as it is.",
            self.origin,
            self.address_of(link),
        );
        self.letter("Set a new password", &body)
    }

    pub(super) fn password_changed(&self) -> Letter {
        let body = format!(
            "Your password was changed, and other sign-ins have ended, at\n{origin}\n\n\
             If it was not you, set another one at once:\n{origin}/forgot-password",
            origin = self.origin,
        );
        self.letter("Your password was changed", &body)
    }

    pub(super) fn sign_in_copied(&self) -> Letter {
        let body = format!(
            "Somebody used a copy of what keeps you signed in, so that sign-in was ended,\n\
             wherever it was used, at\n{origin}\n\n\
             This can also be a browser that was restored from a backup. If you do not\n\
             know why it happened, change your password:\n{origin}/account/password\n\n\
             What happened around your account:\n{origin}/account/security",
            origin = self.origin,
        );
        self.letter("A sign-in of yours was ended", &body)
    }

    fn letter(&self, subject: &'static str, body: &str) -> Letter {
        let (device, at) = (in_words(&self.device.user_agent), self.at.to_the_minute());
        let text = format!(
            "{body}\n\n-- \n{device}, from {}, {at}\n",
            self.device.address
        );
        Letter { subject, text }
    }

    fn address_of(&self, link: &Link) -> String {
        let (origin, page) = (self.origin, link.purpose.page());
        let (token, until) = (link.token.reveal(), link.ends.to_the_minute());
        format!("{origin}{page}?token={token}\n\nIt works once, until {until}.")
    }
}
