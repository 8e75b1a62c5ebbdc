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
        let store = &services.store;
        let account = match occasion {
            Occasion::PasswordChanged => return Ok(Some(Self::PasswordChanged)),
            Occasion::SignInCopied => return Ok(Some(Self::SignInCopied)),
            Occasion::SignUp | Occasion::Reset => store.find_user_by_email(&mail.email).await?,
        };
        let matter = match (occasion, account) {
            (Occasion::Reset, Some(account)) => {
                (!account.is_disabled).then_some(Self::Reset(account.user))
            }
            (Occasion::Reset, None) => None,
            (_, Some(_)) => Some(Self::HasAccount),
            (_, None) => {
                let sign_up = sign_up_of(services, mail).await?;
                sign_up.map(|sign_up| Self::ConfirmAddress { sign_up })
            }
        };
        let Some(matter) = matter else {
            return Ok(None);
        };
        let is_superseded = match matter.link() {
            Some((purpose, subject)) if mail.earlier_tries > 0 => {
                store.has_later_link(purpose, subject, mail).await?
            }
            _ => false,
        };
        Ok((!is_superseded).then_some(matter))
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
