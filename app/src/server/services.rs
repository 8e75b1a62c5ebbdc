//! What server functions work with, and the one place where it is taken from Leptos' context.

use std::collections::HashSet;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use leptos::PrefetchLazyFn;
use leptos::prelude::{GetValue, expect_context, provide_context, use_context};
use leptos_axum::ResponseOptions;

use super::accounts::Accounts;
use super::audit::Audit;
use super::breaches::Breaches;
use super::clock::Clock;
use super::keys::ring::KeyRing;
use super::proofs::Proofs;
use super::settings::Settings;
use super::sign_ins::SignIns;
use super::store::Store;
use super::throttle::Throttle;
use crate::auth::viewer::FirstRender;
use crate::error::AppError;

/// Everything the product needs to answer a request; cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub accounts: Accounts,
    pub sign_ins: SignIns,
    pub throttle: Throttle,
    pub audit: Audit,
    pub store: Store,
    pub clock: Clock,
    pub keys: Arc<KeyRing>,
    pub proofs: Arc<Proofs>,
    pub settings: Arc<Settings>,
}

impl Services {
    pub fn new(
        store: Store,
        keys: KeyRing,
        settings: Settings,
        clock: Clock,
        breaches: Breaches,
    ) -> Self {
        let throttle = Throttle::new(store.clone(), clock.clone(), settings.limits);
        let audit = Audit::new(store.clone(), clock.clone());
        Self {
            accounts: Accounts::new(
                store.clone(),
                throttle.clone(),
                audit.clone(),
                clock.clone(),
                settings.recipe.clone(),
                breaches,
            ),
            sign_ins: SignIns::new(
                store.clone(),
                clock.clone(),
                settings.lifetimes,
                settings.most_sign_ins,
            ),
            throttle,
            audit,
            store,
            proofs: Arc::new(Proofs::new(clock.clone())),
            clock,
            keys: Arc::new(keys),
            settings: Arc::new(settings),
        }
    }

    /// Gives the services, and what the first render may know, to the page or server function that is about to run.
    pub fn provide(&self) {
        provide_context(self.clone());
        let first_render = parts().extensions.get::<FirstRender>().cloned();
        let mut first_render = first_render.unwrap_or_default();
        first_render.least_password_length = self.settings.least_password_length;
        first_render.sends_mail = self.settings.mail.is_some();
        first_render.confirms_addresses = self.settings.confirms_addresses;
        if let Some(failure) = &first_render.failure {
            set_status(failure.status_code());
        }
        provide_context(first_render);
    }
}

pub fn services() -> Services {
    expect_context::<Services>()
}

/// The same for what cannot be done without mail.
///
/// # Errors
/// [`AppError::NoMail`].
pub fn services_with_mail() -> Result<Services, AppError> {
    let services = services();
    let has_mail = services.settings.mail.is_some();
    has_mail.then_some(services).ok_or(AppError::NoMail)
}

/// The request being answered: its headers and what the layers found out about it.
pub fn parts() -> Parts {
    expect_context::<Parts>()
}

pub fn set_status(status: StatusCode) {
    expect_context::<ResponseOptions>().set_status(status);
}

pub fn set_header(name: HeaderName, value: HeaderValue) {
    expect_context::<ResponseOptions>().insert_header(name, value);
}

pub fn append_header(name: HeaderName, value: HeaderValue) {
    expect_context::<ResponseOptions>().append_header(name, value);
}

/// The lazy functions that this answer has rendered so far.
pub fn rendered_chunks() -> HashSet<&'static str> {
    use_context::<PrefetchLazyFn>().map_or_else(HashSet::new, |names| names.0.get_value())
}
