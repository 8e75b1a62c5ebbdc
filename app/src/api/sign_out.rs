//! Ends the sign-in of whoever asks.

use leptos::prelude::*;

use crate::auth;
use crate::error::AppError;
use crate::json::Json;

/// Ends the sign-in and removes its cookies. Asking twice, or without being signed in, is fine (SE-07).
///
/// # Errors
/// `Unavailable` (503) when the database fails: the person is still signed in then, and must be told.
#[server(endpoint = "sign_out", client = auth::Client, output = Json)]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server::caller::Caller;
    use crate::server::cookies::remove_proofs;
    use crate::server::guard::{Identity, identity};
    use crate::server::services::{parts, services};

    let services = services();
    if let Identity::SignedIn(signed_in) = identity() {
        let (id, caller) = (&signed_in.sign_in.id, Caller::of(&parts()));
        services.sign_ins.sign_out(id, &caller).await?;
    }
    remove_proofs(services.settings.cookies);
    Ok(())
}
