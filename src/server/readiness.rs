//! Whether this node is to be asked: not while it does not reach its database, nor from the moment it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::error::AppError;
use app::server::services::Services;
use axum::extract::State;

#[derive(Clone)]
pub(super) struct Readiness {
    services: Services,
    is_leaving: Arc<AtomicBool>,
}

impl Readiness {
    pub(super) fn new(services: Services) -> Self {
        Self {
            services,
            is_leaving: Arc::default(),
        }
    }

    /// From now on a balancer that looks is told to send nobody here any more.
    pub(super) fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    pub(super) async fn serve(State(this): State<Self>) -> Result<&'static str, AppError> {
        if this.is_leaving.load(Ordering::Relaxed) {
            return Err(AppError::Unavailable);
        }
        this.services.store.ping().await?;
        Ok("ready")
    }
}
