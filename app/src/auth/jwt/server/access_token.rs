//! The access token (RFC 9068 profile): made, and taken apart again, strictly. `jws` checks the form and the signature;
//! every member of header and claims is checked here, because the library lets much of it pass (T26, RFC 8725).

use jws::compact::{Compact, Refusal};
use jws::key_pair::{KEY_ID_LENGTH, SignError};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::sign_in::{Moment, SignInId};
use crate::server::keys::set::KeySet;
use crate::server::secret::random_text;
use crate::server::settings::Settings;

/// Our own tokens have under 400 bytes; more is not even parsed (JW-13).
const LONGEST: usize = 1024;
/// How far the clocks of two servers may be apart, in seconds (JW-06: at most 30).
const LEEWAY: i64 = 5;
const AUDIENCE: &str = "twofold";
const TYPE: &str = "at+jwt";

/// What the token says (RFC 7519 §4.1). All members but `nbf` are required, none besides these is taken, and serde
/// refuses a member that stands twice. Nothing in it tells who the person is: `sub` and `sid` are opaque (JW-18).
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
    /// Ours have none; honoured where there is one (JW-05).
    #[serde(
        default,
        deserialize_with = "whole_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) nbf: Option<i64>,
}

/// Why a token is not taken. The client never learns which; the log does.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error(transparent)]
    Jws(#[from] Refusal),
    #[error("the header is not that of an access token")]
    Header,
    #[error("the header names a key that is not known")]
    UnknownKey,
    #[error("the claims are not ours")]
    Claims,
    #[error("the token is not valid at this time")]
    Time,
    #[error(transparent)]
    Unsigned(#[from] SignError),
}

/// A token for `subject`'s sign-in, valid from now on for the configured time.
pub(super) fn sign(
    subject: &str,
    sid: &SignInId,
    keys: &KeySet,
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
        nbf: None,
    };
    Ok(keys.signing(now).pair.sign(TYPE, &claims)?)
}

/// The claims of a token that this server signed for this use and that is valid now.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    settings: &Settings,
    now: Moment,
) -> Result<Claims, TokenError> {
    let token = Compact::parse(token, LONGEST)?;
    let header = token.header();
    let (Some(TYPE), Some(id), false) = (header.typ.as_deref(), &header.kid, header.has_more)
    else {
        return Err(TokenError::Header);
    };
    if id.len() != KEY_ID_LENGTH {
        return Err(TokenError::Header);
    }
    let key = keys.find(id).ok_or(TokenError::UnknownKey)?;
    let payload = token.verify(&key.pair.verifying)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::Claims)?;
    if claims.iss != settings.origin || claims.aud != AUDIENCE {
        return Err(TokenError::Claims);
    }
    check_time(&claims, settings, now)?;
    Ok(claims)
}

fn check_time(claims: &Claims, settings: &Settings, now: Moment) -> Result<(), TokenError> {
    let longest = Moment(0).after(settings.lifetimes.access_token).0;
    let is_sane = claims.exp > claims.iat && claims.exp.saturating_sub(claims.iat) <= longest;
    let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    let has_begun = begins <= now.0 + LEEWAY;
    let has_ended = claims.exp.saturating_add(LEEWAY) <= now.0;
    if is_sane && has_begun && !has_ended {
        Ok(())
    } else {
        Err(TokenError::Time)
    }
}

/// A member that may be missing, but is a number where it is there: `null` is none.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(deserializer).map(Some)
}
