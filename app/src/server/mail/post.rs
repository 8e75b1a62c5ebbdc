//! Sends what is to be sent, and tries until the mail server takes it. Several nodes may do so at once.

use std::time::Duration;

use tokio::task::JoinSet;

use super::Occasion;
use super::carrier::{Carrier, CarryError};
use super::matter::Matter;
use crate::server::causes::causes;
use crate::server::services::Services;
use crate::server::store::{Mail, StoreError};
use crate::server::throttle::Throttled;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// At a time: a slow mail server keeps that many waiting, and no page.
const MOST_AT_A_TIME: u32 = 8;

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
            Ok(mails) => send_all(&services, &carrier, mails).await,
            Err(error) => {
                tracing::warn!(causes = ?causes(&error), "what is to be sent could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Whatever becomes of one, the others are sent.
async fn send_all(services: &Services, carrier: &Carrier, mails: Vec<Mail>) {
    let mut sending: JoinSet<()> = mails
        .into_iter()
        .map(|mail| see_to(services.clone(), carrier.clone(), mail))
        .collect();
    while let Some(ended) = sending.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a mail broke off and will be tried again");
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
        PostError::Carry(CarryError::Smtp(smtp)) if smtp.is_response() => {
            tracing::error!(
                id,
                occasion,
                "the mail server said something else than SMTP, and a mail will be tried again"
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
    if !mail.is_counted {
        match services.throttle.mail(&mail.email, occasion).await {
            Ok(()) => services.store.mark_counted(&mail.id).await?,
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
