//! The access token (RFC 9068 profile, Ed25519): made, and taken apart again, strictly. The library checks the signature;
//! every member of header and claims is checked here, because the library lets much of it pass (T26, RFC 8725).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, crypto};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::sign_in::{Moment, SignInId};
use crate::server::keys::TokenKey;
use crate::server::secret::random_text;
use crate::server::settings::Settings;

/// Our own tokens have under 400 bytes; more is not even parsed (JW-13).
const LONGEST: usize = 1024;
/// How far the clocks of two servers may be apart, in seconds (JW-06: at most 30).
const LEEWAY: i64 = 5;
const AUDIENCE: &str = "twofold";
const TYPE: &str = "at+jwt";

/// What the token says (RFC 7519 §4.1). All members are required, none besides these is taken, and serde refuses a
/// member that stands twice. Nothing in it tells who the person is: `sub` and `sid` are opaque (JW-18).
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) sid: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

/// No `crit`, `zip`, `jwk`, `jku` or `x5u`: a header with any other member is refused (JW-08, JW-09).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// Why a token is not taken. The client never learns which; the log does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is too long")]
    TooLong,
    #[error("the token does not have three parts of strict base64url")]
    Shape,
    #[error("the header is not ours")]
    Header,
    #[error("the signature does not fit")]
    Signature,
    #[error("the claims are not ours")]
    Claims,
    #[error("the token is not valid at this time")]
    Time,
    #[error("the token cannot be signed")]
    Unsigned,
}

/// A token for `subject`'s sign-in, valid from now on for the configured time.
pub(super) fn sign(
    subject: &str,
    sid: &SignInId,
    key: &TokenKey,
    settings: &Settings,
    now: Moment,
) -> Result<String, TokenError> {
    let claims = Claims {
        iss: settings.origin.clone(),
        aud: AUDIENCE.to_owned(),
        sub: subject.to_owned(),
        sid: sid.as_str().to_owned(),
        jti: random_text::<16>(),
        iat: now.0,
        exp: now.after(settings.lifetimes.access_token).0,
    };
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(key.id.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    jsonwebtoken::encode(&header, &claims, &key.signing).map_err(|_| TokenError::Unsigned)
}

/// The claims of a token that this server signed for this use and that is valid now.
pub(super) fn verify(
    token: &str,
    key: &TokenKey,
    settings: &Settings,
    now: Moment,
) -> Result<Claims, TokenError> {
    if token.len() > LONGEST {
        return Err(TokenError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Shape)?;
    let (header, claims) = message.split_once('.').ok_or(TokenError::Shape)?;
    let header: StrictHeader = parse(header, TokenError::Header)?;
    if header.alg != "EdDSA" || header.typ != TYPE || header.kid != key.id {
        return Err(TokenError::Header);
    }
    // Strict here: the library would take a signature with a different last character for the same bytes.
    decode(signature)?;
    let is_genuine = crypto::verify(
        signature,
        message.as_bytes(),
        &key.verifying,
        Algorithm::EdDSA,
    );
    if !matches!(is_genuine, Ok(true)) {
        return Err(TokenError::Signature);
    }
    let claims: Claims = parse(claims, TokenError::Claims)?;
    if claims.iss != settings.origin || claims.aud != AUDIENCE {
        return Err(TokenError::Claims);
    }
    check_time(&claims, settings, now)?;
    Ok(claims)
}

fn check_time(claims: &Claims, settings: &Settings, now: Moment) -> Result<(), TokenError> {
    let longest = Moment(0).after(settings.lifetimes.access_token).0;
    let is_sane = claims.exp > claims.iat && claims.exp.saturating_sub(claims.iat) <= longest;
    let has_begun = claims.iat <= now.0 + LEEWAY;
    let has_ended = claims.exp + LEEWAY <= now.0;
    if is_sane && has_begun && !has_ended {
        Ok(())
    } else {
        Err(TokenError::Time)
    }
}

fn parse<T: DeserializeOwned>(part: &str, otherwise: TokenError) -> Result<T, TokenError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| otherwise)
}

/// RFC 7515 §2: no padding, no white space, no stray bits in the last character.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Shape)
}
