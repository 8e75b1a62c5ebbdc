//! Tells a page who is looking at it.

use leptos::prelude::*;

use crate::auth;
use crate::auth::viewer::Viewer;
use crate::error::AppError;
use crate::json::Json;

/// The person behind the proof that came with the call, or nobody.
///
/// # Errors
/// `InvalidToken` (401) for a bearer token that is not taken.
#[server(endpoint = "viewer", client = auth::Client, output = Json)]
pub async fn ask_viewer() -> Result<Viewer, AppError> {
    use crate::auth::viewer::Profile;
    use crate::server::guard::{Identity, identity};

    Ok(match identity() {
        Identity::SignedIn(signed_in) => Viewer::User(Profile::from(&signed_in.user)),
        Identity::Anonymous => Viewer::Anonymous,
    })
}
