//! Work that nobody asks for: clears away ended sign-ins and counts that are done with, at the start and then every hour.

use std::error::Error;
use std::time::Duration;

use super::services::Services;
use super::store::StoreError;

/// Never ends by itself. A failure is logged, and the next round tries again (SE-14).
pub async fn run(services: Services) {
    loop {
        match services.sign_ins.purge_ended().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "ended sign-ins cleared away"),
            Err(error) => tracing::warn!(
                error = &error as &(dyn Error + 'static),
                "ended sign-ins could not be cleared away"
            ),
        }
        if let Err(error) = forget_counts(&services).await {
            tracing::warn!(
                error = &error as &(dyn Error + 'static),
                "old counts could not be cleared away"
            );
        }
        tokio::time::sleep(about(services.settings.lifetimes.purge_every)).await;
    }
}

async fn forget_counts(services: &Services) -> Result<(), StoreError> {
    let now = services.clock.now();
    services.store.delete_forgotten_tries(now).await?;
    services.store.delete_expired_devices(now).await?;
    services.store.delete_old_proofs(now).await?;
    Ok(())
}

/// A tenth more or less, so that nodes that started together do not stay together.
fn about(interval: Duration) -> Duration {
    let share = f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX);
    interval.mul_f64(0.9 + 0.2 * share)
}
