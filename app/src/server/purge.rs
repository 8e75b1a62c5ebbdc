//! Work that nobody asks for: clears away ended sign-ins, old audit events and counts that are done with, at the start and then
//! every hour.

use std::error::Error;
use std::time::Duration;

use super::mail::Purpose;
use super::mail::post::GIVEN_UP_AFTER;
use super::services::Services;
use super::store::{Stale, StoreError};

/// Never ends by itself. A failure is logged, and the next round tries again (SE-14).
pub async fn run(services: Services) {
    loop {
        let lifetimes = &services.settings.lifetimes;
        tell("ended sign-ins", services.sign_ins.purge_ended().await);
        let events = services.audit.purge(lifetimes.keep_events);
        tell("old audit events", events.await);
        tell("old counts", forget_counts(&services).await);
        clear_away_mail(&services).await;
        tokio::time::sleep(about(lifetimes.purge_every)).await;
    }
}

fn tell(what: &str, result: Result<usize, StoreError>) {
    match result {
        Ok(0) => {}
        Ok(count) => tracing::info!(what, count, "cleared away"),
        Err(error) => tracing::warn!(
            what,
            error = &error as &(dyn Error + 'static),
            "could not be cleared away"
        ),
    }
}

async fn clear_away_mail(services: &Services) {
    let (store, now) = (&services.store, services.clock.now());
    let given_up = store.delete_stale(Stale::Mails, now.before(GIVEN_UP_AFTER));
    tell("mails that could not be sent", given_up.await);
    tell("old links", store.delete_stale(Stale::Links, now).await);
    let unconfirmed = store.delete_stale(
        Stale::SignUps,
        now.before(Purpose::SignUp.good_for() + GIVEN_UP_AFTER),
    );
    tell("sign-ups that nobody confirmed", unconfirmed.await);
}

/// They come and go too often to be counted.
async fn forget_counts(services: &Services) -> Result<usize, StoreError> {
    let now = services.clock.now();
    services.store.delete_forgotten_tries(now).await?;
    services.store.delete_expired_devices(now).await?;
    services.store.delete_old_proofs(now).await?;
    Ok(0)
}

/// A tenth more or less, so that nodes that started together do not stay together.
fn about(interval: Duration) -> Duration {
    let share = f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX);
    interval.mul_f64(0.9 + 0.2 * share)
}
