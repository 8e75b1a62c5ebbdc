//! What server functions work with, and the one place where it is taken from Leptos' context.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::{expect_context, provide_context};
use leptos_axum::ResponseOptions;

use super::accounts::Accounts;
use super::clock::Clock;
use super::keys::TokenKey;
use super::settings::Settings;
use super::sign_ins::SignIns;
use super::store::Store;
use crate::auth::viewer::FirstRender;

/// Everything the product needs to answer a request; cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub accounts: Accounts,
    pub sign_ins: SignIns,
    pub store: Store,
    pub clock: Clock,
    pub token_key: Arc<TokenKey>,
    pub settings: Arc<Settings>,
}

impl Services {
    pub fn new(store: Store, token_key: TokenKey, settings: Settings, clock: Clock) -> Self {
        Self {
            accounts: Accounts::new(store.clone(), clock.clone()),
            sign_ins: SignIns::new(
                store.clone(),
                clock.clone(),
                settings.lifetimes,
                settings.most_sign_ins,
            ),
            store,
            clock,
            token_key: Arc::new(token_key),
            settings: Arc::new(settings),
        }
    }

    /// Gives the services, and what the first render may know, to the page or server function that is about to run.
    pub fn provide(&self) {
        provide_context(self.clone());
        let first_render = parts().extensions.get::<FirstRender>().cloned();
        let first_render = first_render.unwrap_or_default();
        if let Some(failure) = &first_render.failure {
            set_status(failure.status_code());
        }
        provide_context(first_render);
    }
}

pub fn services() -> Services {
    expect_context::<Services>()
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
