//! What is made of the app by Leptos: the pages, the server functions, and the page for an address without one.

use std::sync::Arc;

use app::error::AppError;
use app::server::services::Services;
use app::shell::{Assets, shell};
use axum::Router;
use axum::routing::any;
use leptos::prelude::{AnyView, IntoAny, LeptosOptions};
use leptos_axum::{AxumRouteListing, ErrorHandler, LeptosRoutes};

use super::assets;

pub(super) struct Documents {
    options: LeptosOptions,
    services: Services,
    assets: Arc<Assets>,
}

impl Documents {
    pub(super) fn new(options: &LeptosOptions, services: &Services) -> Self {
        Self {
            options: options.clone(),
            services: services.clone(),
            assets: Arc::new(assets::find(options)),
        }
    }

    /// The pages and the server functions.
    pub(super) fn pages(&self, listing: Vec<AxumRouteListing>) -> Router {
        let (options, document) = (self.options.clone(), self.document());
        Router::new()
            .leptos_routes_with_context(&self.options, listing, self.provide(), move || {
                document(options.clone())
            })
            .with_state(self.options.clone())
    }

    /// For every other address.
    pub(super) fn not_found(&self) -> Router {
        let page =
            ErrorHandler::new_with_context(self.provide(), self.document(), self.options.clone());
        Router::new()
            .route("/api/{*endpoint}", any(|| async { AppError::NotFound }))
            .fallback_service(page)
    }

    fn provide(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let services = self.services.clone();
        move || services.provide()
    }

    fn document(&self) -> impl Fn(LeptosOptions) -> AnyView + Clone + Send + Sync + 'static {
        let assets = Arc::clone(&self.assets);
        move |options| shell(options, Arc::clone(&assets)).into_any()
    }
}
