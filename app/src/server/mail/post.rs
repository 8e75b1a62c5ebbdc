//! Sends what is to be sent: finds out whom it is for, makes the link, and tries until the mail server takes it. Several nodes may
//! do so at once. A link is made when its mail is sent and is kept nowhere else, so a later try has another, and only that is good.

use std::time::Duration;

use tokio::task::JoinSet;

use super::carrier::{Carrier, CarryError};
use super::letters::{Letter, Link, Scene};
use super::{Occasion, Purpose};
use crate::domain::sign_in::Moment;
use crate::domain::user::User;
use crate::server::causes::causes;
use crate::server::secret::Secret;
use crate::server::services::Services;
use crate::server::store::{Mail, NewLink, StoreError};
use crate::server::throttle::Throttled;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// At a time: a slow mail server keeps that many waiting, and no page.
const MOST_AT_A_TIME: u32 = 8;

/// How long a link is good: to set a password no longer than an hour (OWASP Forgot Password cheat sheet, RE-01).
const RESET_WITHIN: Duration = Duration::from_secs(30 * 60);
pub const SIGN_UP_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// A mail that could not be sent for so long is given up.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, thiserror::Error)]
enum PostError {
    #[error(transparent)]
    Carry(#[from] CarryError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What becomes of a mail.
enum Outcome {
    Sent,
    /// There is nobody to write to, or nothing to say any more.
    Void,
    /// Its mailbox has had enough of the kind (TH-08).
    TooMany,
}

/// Never ends by itself.
pub async fn run(services: Services, carrier: Carrier) {
    loop {
        match services
            .store
            .claim_mails(MOST_AT_A_TIME, services.clock.now())
            .await
        {
            Ok(mails) if mails.is_empty() => tokio::time::sleep(LOOK_EVERY).await,
            Ok(mails) => {
                let sending: JoinSet<()> = mails
                    .into_iter()
                    .map(|mail| see_to(services.clone(), carrier.clone(), mail))
                    .collect();
                sending.join_all().await;
            }
            Err(error) => {
                tracing::warn!(causes = ?causes(&error), "what is to be sent could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Addresses are in no line of the log: what a mail server says may have one in it.
async fn see_to(services: Services, carrier: Carrier, mail: Mail) {
    let Some(occasion) = Occasion::find(&mail.occasion) else {
        return tracing::info!(id = mail.id, "a mail is left to a newer release");
    };
    let (id, occasion_name) = (mail.id.clone(), occasion.as_str());
    match send(&services, &carrier, occasion, &mail).await {
        Ok(Outcome::Sent | Outcome::Void) => {}
        Ok(Outcome::TooMany) => {
            tracing::warn!(
                id,
                occasion = occasion_name,
                "a mail is not sent: its mailbox had too many within the hour"
            );
        }
        Err(PostError::Carry(error)) if error.is_final() => {
            tracing::warn!(
                id,
                occasion = occasion_name,
                "a mail is given up: the mail server knows no such mailbox"
            );
        }
        Err(error) => return tell(&id, occasion, &error),
    }
    if let Err(error) = services.store.delete_mail(&id).await {
        tracing::warn!(id, causes = ?causes(&error), "a mail may be sent once more");
    }
}

fn tell(id: &str, occasion: Occasion, error: &PostError) {
    let occasion = occasion.as_str();
    match error {
        PostError::Carry(CarryError::Smtp(smtp)) if smtp.status().is_some() => {
            let status = smtp.status().map(|code| code.to_string());
            tracing::error!(
                id,
                occasion,
                status,
                "a mail was refused and will be tried again"
            );
        }
        error => {
            let causes = causes(error);
            tracing::error!(
                id,
                occasion,
                ?causes,
                "a mail could not be sent and will be tried again"
            );
        }
    }
}

async fn send(
    services: &Services,
    carrier: &Carrier,
    occasion: Occasion,
    mail: &Mail,
) -> Result<Outcome, PostError> {
    let Some(matter) = Matter::of(services, occasion, mail).await? else {
        return Ok(Outcome::Void);
    };
    // Before a link is made: that would end the one that was sent before.
    if mail.earlier_tries == 0 {
        match services.throttle.mail(&mail.email, occasion).await {
            Ok(()) => {}
            Err(Throttled::Wait { .. }) => return Ok(Outcome::TooMany),
            Err(Throttled::Store(error)) => return Err(error.into()),
        }
    }
    let letter = matter.write(services, mail).await?;
    if let Some(path) = carrier.carry(&mail.email, letter).await? {
        tracing::info!("a mail is in {}", path.display());
    }
    Ok(Outcome::Sent)
}

/// What there is to say.
enum Matter {
    ConfirmAddress { sign_up: String },
    HasAccount,
    Reset(User),
    PasswordChanged,
    SignInCopied,
}

impl Matter {
    async fn of(
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
        Ok(match (occasion, account) {
            (Occasion::Reset, Some(account)) => {
                (!account.is_disabled).then_some(Self::Reset(account.user))
            }
            (Occasion::Reset, None) => None,
            (_, Some(_)) => Some(Self::HasAccount),
            (_, None) => {
                let since = services.clock.now().before(SIGN_UP_WITHIN);
                let sign_up = store.find_latest_sign_up(&mail.email, since).await?;
                sign_up.map(|sign_up| Self::ConfirmAddress { sign_up })
            }
        })
    }

    async fn write(self, services: &Services, mail: &Mail) -> Result<Letter, StoreError> {
        let scene = Scene {
            origin: &services.settings.origin,
            device: &mail.device,
            at: mail.asked_at,
        };
        let now = services.clock.now();
        Ok(match self {
            Self::HasAccount => scene.has_account(),
            Self::PasswordChanged => scene.password_changed(),
            Self::SignInCopied => scene.sign_in_copied(),
            Self::Reset(user) => {
                let (id, ends) = (user.id.as_str(), now.after(RESET_WITHIN));
                let version = user.password_version;
                let token = make_link(services, Purpose::Reset, id, version, ends).await?;
                scene.reset(&Link {
                    purpose: Purpose::Reset,
                    token: &token,
                    ends,
                })
            }
            Self::ConfirmAddress { sign_up } => {
                let ends = now.after(SIGN_UP_WITHIN);
                let token = make_link(services, Purpose::SignUp, &sign_up, 0, ends).await?;
                scene.confirm_address(&Link {
                    purpose: Purpose::SignUp,
                    token: &token,
                    ends,
                })
            }
        })
    }
}

async fn make_link(
    services: &Services,
    purpose: Purpose,
    subject: &str,
    password_version: i64,
    ends: Moment,
) -> Result<Secret, StoreError> {
    let token = Secret::random();
    let link = NewLink {
        purpose,
        subject,
        token: &token.hashed(),
        password_version,
        ends,
    };
    services.store.keep_link(&link).await?;
    Ok(token)
}
