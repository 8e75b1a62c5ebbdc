//! What is served without anybody being asked who they are: files, and the few routes that are neither pages nor calls.

use std::path::Path;

use app::server::access::check::Mounted;
use axum::Router;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use axum::routing::MethodRouter;
use leptos::prelude::LeptosOptions;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::assets;

/// A router that knows what is mounted in it, which axum's own does not tell.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) router: Router,
    pub(super) mounted: Vec<Mounted>,
}

impl Plain {
    pub(super) fn get(self, path: &str, handler: MethodRouter) -> Self {
        self.route(Method::GET, path, handler)
    }

    pub(super) fn post(self, path: &str, handler: MethodRouter) -> Self {
        self.route(Method::POST, path, handler)
    }

    fn route(mut self, method: Method, path: &str, handler: MethodRouter) -> Self {
        self.router = self.router.route(path, handler);
        self.mounted.push(Mounted::route(method, path));
        self
    }

    /// The compiled files, compressed beforehand and cached for ever where their name holds a hash.
    pub(super) fn compiled_files(mut self, options: &LeptosOptions) -> Self {
        // Only a name that holds a hash means the same content for ever; under a plain one the next build is something else.
        let policy = if assets::are_hashed(options) {
            "public, max-age=31536000, immutable"
        } else {
            "no-store"
        };
        let folder = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
        let compiled = ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::overriding(
                header::CACHE_CONTROL,
                move |response: &Response<_>| Some(cache(policy, response.status())),
            ))
            .service(serve(&folder));
        let path = format!("/{}", options.site_pkg_dir);
        self.router = self.router.nest_service(&path, compiled);
        let files = format!("{path}/{{*file}}");
        self.mounted.push(Mounted::route(Method::GET, &files));
        self
    }
}

/// The rest of the site folder under the names it had at the start; and their paths.
pub(super) fn public_files(options: &LeptosOptions) -> (Vec<String>, Router) {
    let root = Path::new(options.site_root.as_ref());
    let (mut paths, mut router) = (Vec::new(), Router::new());
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let ending = name.rsplit('.').next();
        let is_variant = matches!(ending, Some("br" | "gz"));
        if is_file && !is_variant && !name.starts_with('.') {
            let path = format!("/{name}");
            router = router.route_service(&path, serve(root));
            paths.push(path);
        }
    }
    (paths, router)
}

fn serve(folder: &Path) -> ServeDir {
    ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
}

/// That a file is missing may be different in a moment.
fn cache(policy: &'static str, status: StatusCode) -> HeaderValue {
    HeaderValue::from_static(if status.is_success() {
        policy
    } else {
        "no-store"
    })
}
