//! Who sends a token must have the key that it is bound to (DPoP, RFC 9449): what was copied out of a browser's storage, which
//! the key cannot leave, is worth nothing elsewhere. Bound is what begins with a proof; a client that shows none, and an
//! operator who turns it off, have plain bearer tokens.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jws::dpop::{self, Proof};
use sha2::{Digest, Sha256};

use crate::auth::jwt::possession::{NONCE_HEADER, PROOF_HEADER};
use crate::domain::sign_in::SignInId;
use crate::error::AppError;
use crate::server::audit::Event;
use crate::server::caller::Caller;
use crate::server::proofs::{NotNow, TakenProof};
use crate::server::secret::Secret;
use crate::server::services::Services;
use crate::server::store::Held;

/// What a request has proved, or why it has not.
#[derive(Clone)]
struct Possession(Result<Shown, AppError>);

#[derive(Clone)]
struct Shown {
    /// That of the key.
    thumbprint: String,
    proof: TakenProof,
}

/// The outermost layer for it: checks a proof once, whoever asks for it afterwards, and gives the client the next nonce.
pub async fn know_possession(
    State(services): State<Services>,
    request: Request,
    next: Next,
) -> Response {
    if !services.settings.binds_tokens || !request.headers().contains_key(PROOF_HEADER) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let possession = Possession(check(&parts, &services));
    parts.extensions.insert(possession);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let nonce = services.proofs.nonce(&services.keys.current());
    if let Ok(nonce) = HeaderValue::from_str(&nonce) {
        response.headers_mut().insert(NONCE_HEADER, nonce);
    }
    response
}

/// What the page puts into its first proof, unless this server binds no tokens.
pub fn first_nonce(services: &Services) -> Option<String> {
    let binds = services.settings.binds_tokens;
    binds.then(|| services.proofs.nonce(&services.keys.current()))
}

/// The key that this request has proved to have.
///
/// # Errors
/// [`AppError::InvalidProof`], [`AppError::NonceNeeded`].
pub fn shown(parts: &Parts) -> Result<Option<String>, AppError> {
    let possession = parts.extensions.get::<Possession>().cloned();
    possession
        .map(|Possession(shown)| shown.map(|shown| shown.thumbprint))
        .transpose()
}

/// The same as the store wants to know it.
///
/// # Errors
/// What [`shown`] fails with.
pub(super) fn held(parts: &Parts, services: &Services) -> Result<Held, AppError> {
    if !services.settings.binds_tokens {
        return Ok(Held::Unasked);
    }
    shown(parts).map(Held::Key)
}

/// Spends the request's proof, if it came with one, for every node and not for this one alone: for what a second time would
/// do harm. That is a write, which most calls are not worth. One that was seen before is noted for the sign-in.
///
/// # Errors
/// [`AppError::InvalidProof`] when another node has taken it; [`AppError::Unavailable`] when the database fails.
pub async fn spend_proof(
    parts: &Parts,
    services: &Services,
    sign_in: &SignInId,
) -> Result<(), AppError> {
    let Some(Possession(Ok(shown))) = parts.extensions.get() else {
        return Ok(());
    };
    let now = services.clock.now();
    if services.store.spend_proof(&shown.proof, now).await? {
        return Ok(());
    }
    let (event, caller) = (Event::ProofInvalid, Caller::of(parts));
    services.audit.lacked_key(event, sign_in, &caller).await;
    Err(refused(&"it was seen before, by another node"))
}

/// Whether the request may be made with a token of this sign-in that is bound to this key. If not, that is noted: somebody may
/// have copied the token.
///
/// # Errors
/// [`AppError::InvalidToken`] for a token that was bound to a key, without a proof; what [`shown`] fails with;
/// [`AppError::InvalidProof`] for another key.
pub async fn require(
    parts: &Parts,
    services: &Services,
    sign_in: &SignInId,
    bound_to: Option<&str>,
) -> Result<(), AppError> {
    let (event, error) = match (bound_to, shown(parts)) {
        (Some(_), Err(error @ AppError::InvalidProof)) => (Event::ProofInvalid, error),
        (_, Err(error)) => return Err(error),
        (Some(_), Ok(_)) if !services.settings.binds_tokens => return Ok(()),
        (Some(key), Ok(Some(shown))) if key == shown => return Ok(()),
        (Some(_), Ok(Some(_))) => (Event::ProofOfOtherKey, AppError::InvalidProof),
        (Some(_), Ok(None)) => (Event::ProofWithoutKey, AppError::InvalidToken),
        (None, Ok(_)) => return Ok(()),
    };
    let caller = Caller::of(parts);
    services.audit.lacked_key(event, sign_in, &caller).await;
    Err(error)
}

/// Whether a refresh token is shown without the key that it is bound to, whatever for. That is noted.
///
/// # Errors
/// What [`shown`] fails with; [`AppError::Unavailable`] when the database fails.
pub(super) async fn is_copy(
    parts: &Parts,
    services: &Services,
    token: &Secret,
    caller: &Caller,
) -> Result<bool, AppError> {
    let sign_ins = &services.sign_ins;
    let bound_to = if services.settings.binds_tokens {
        sign_ins.key_of(token).await?
    } else {
        None
    };
    let shown = shown(parts);
    let event = match (bound_to, &shown) {
        (Some(_), Err(AppError::InvalidProof)) => Event::ProofInvalid,
        (Some(key), Ok(Some(shown))) if key != *shown => Event::ProofOfOtherKey,
        (Some(_), Ok(None)) => Event::ProofWithoutKey,
        _ => return shown.map(|_| false),
    };
    if let Some(id) = sign_ins.id_of(token).await? {
        services.audit.lacked_key(event, &id, caller).await;
    }
    shown.map(|_| true)
}

fn check(parts: &Parts, services: &Services) -> Result<Shown, AppError> {
    let proof = one_proof(&parts.headers)?;
    let proof = dpop::verify(proof).map_err(|error| refused(&error))?;
    if !is_for(&proof, parts, &services.settings.origin) {
        return Err(refused(&"it was made for another request or token"));
    }
    let claims = &proof.claims;
    let (keys, nonce) = (services.keys.current(), claims.nonce.as_deref());
    match services
        .proofs
        .take(&keys, nonce, &proof.thumbprint, &claims.jti)
    {
        Ok(taken) => Ok(Shown {
            thumbprint: proof.thumbprint,
            proof: taken,
        }),
        Err(NotNow::Nonce) => Err(AppError::NonceNeeded),
        Err(error @ NotNow::Replayed) => Err(refused(&error)),
    }
}

fn one_proof(headers: &HeaderMap) -> Result<&str, AppError> {
    let mut proofs = headers.get_all(PROOF_HEADER).iter();
    let (Some(proof), None) = (proofs.next(), proofs.next()) else {
        return Err(refused(&"there are several"));
    };
    proof.to_str().map_err(|error| refused(&error))
}

/// Its method, its address without query and fragment, and its token are those of the request (RFC 9449 §4.3). When it was
/// made is told by the nonce; the client's clock may be wrong.
fn is_for(proof: &Proof, parts: &Parts, origin: &str) -> bool {
    let claims = &proof.claims;
    let address = claims.htu.split(['?', '#']).next().unwrap_or_default();
    let is_address = address.strip_prefix(origin) == Some(parts.uri.path());
    let token = parts.headers.get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.split_once(' '));
    let hash = token.map(|(_, token)| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    claims.htm == parts.method.as_str() && is_address && claims.ath == hash
}

fn refused(reason: &dyn std::fmt::Display) -> AppError {
    tracing::info!(%reason, "proof of possession refused");
    AppError::InvalidProof
}
