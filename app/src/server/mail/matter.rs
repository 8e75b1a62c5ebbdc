//! Whom a mail is for and what there is to say, found out when it is sent. A link is made then as well and is kept nowhere else, so a
//! later try has another, and only that is good.

use super::letters::{Letter, Link, Scene};
use super::{Occasion, Purpose};
use crate::domain::user::User;
use crate::server::secret::Secret;
use crate::server::services::Services;
use crate::server::store::{Mail, NewLink, StoreError};

/// What there is to say.
pub(super) enum Matter {
    ConfirmAddress { sign_up: String },
    HasAccount,
    Reset(User),
    PasswordChanged,
    SignInCopied,
}

impl Matter {
    /// Nothing, where nobody is to be written to, or a late try where another mail has said it meanwhile.
    pub(super) async fn of(
        services: &Services,
        occasion: Occasion,
        mail: &Mail,
    ) -> Result<Option<Self>, StoreError> {
        let matter = match occasion {
            Occasion::PasswordChanged => Some(Self::PasswordChanged),
            Occasion::SignInCopied => Some(Self::SignInCopied),
            Occasion::Reset => Self::of_reset(services, mail).await?,
            Occasion::SignUp => Self::of_sign_up(services, mail).await?,
        };
        let link = matter.as_ref().and_then(Self::link);
        let is_superseded = match link {
            Some((purpose, subject)) if mail.earlier_tries > 0 => {
                let store = &services.store;
                store.has_later_link(purpose, subject, mail).await?
            }
            _ => false,
        };
        Ok(matter.filter(|_| !is_superseded))
    }

    async fn of_reset(services: &Services, mail: &Mail) -> Result<Option<Self>, StoreError> {
        let account = services.store.find_user_by_email(&mail.email).await?;
        let account = account.filter(|account| !account.is_disabled);
        Ok(account.map(|account| Self::Reset(account.user)))
    }

    /// Who has an account is told that somebody signed up with their address, unless they were it, and nobody is told that somebody
    /// asked for a link once more.
    async fn of_sign_up(services: &Services, mail: &Mail) -> Result<Option<Self>, StoreError> {
        let account = services.store.find_user_by_email(&mail.email).await?;
        if let Some(account) = account {
            let is_theirs = account.user.created_at.0 > mail.asked_at.0;
            let is_news = mail.sign_up_id.is_some() && !is_theirs && !account.is_disabled;
            return Ok(is_news.then_some(Self::HasAccount));
        }
        let sign_up = sign_up_of(services, mail).await?;
        Ok(sign_up.map(|sign_up| Self::ConfirmAddress { sign_up }))
    }

    pub(super) async fn write(
        self,
        services: &Services,
        mail: &Mail,
    ) -> Result<Letter, StoreError> {
        let scene = Scene {
            origin: &services.settings.origin,
            device: &mail.device,
            at: mail.asked_at,
        };
        Ok(match &self {
            Self::HasAccount => scene.has_account(),
            Self::PasswordChanged => scene.password_changed(),
            Self::SignInCopied => scene.sign_in_copied(),
            Self::Reset(user) => {
                let (purpose, version) = (Purpose::Reset, user.password_version);
                let subject = user.id.as_str();
                scene.reset(&make_link(services, mail, purpose, subject, version).await?)
            }
            Self::ConfirmAddress { sign_up } => {
                let link = make_link(services, mail, Purpose::SignUp, sign_up, 0);
                scene.confirm_address(&link.await?)
            }
        })
    }

    /// What its link is for, and for whom, if it has one.
    fn link(&self) -> Option<(Purpose, &str)> {
        match self {
            Self::Reset(user) => Some((Purpose::Reset, user.id.as_str())),
            Self::ConfirmAddress { sign_up } => Some((Purpose::SignUp, sign_up)),
            Self::HasAccount | Self::PasswordChanged | Self::SignInCopied => None,
        }
    }
}

/// The sign-up that the mail is about; for whoever asks for it once more, the latest.
async fn sign_up_of(services: &Services, mail: &Mail) -> Result<Option<String>, StoreError> {
    if mail.sign_up_id.is_some() {
        return Ok(mail.sign_up_id.clone());
    }
    let since = services.clock.now().before(Purpose::SignUp.good_for());
    let store = &services.store;
    store.find_latest_sign_up(&mail.email, since).await
}

async fn make_link(
    services: &Services,
    mail: &Mail,
    purpose: Purpose,
    subject: &str,
    password_version: i64,
) -> Result<Link, StoreError> {
    let (token, now) = (Secret::random(), services.clock.now());
    let ends = now.after(purpose.good_for());
    let link = NewLink {
        purpose,
        subject,
        token: &token.hashed(),
        password_version,
        ends,
        mail_id: &mail.id,
        made_at: now,
    };
    services.store.keep_link(&link).await?;
    Ok(Link {
        purpose,
        token,
        ends,
    })
}
