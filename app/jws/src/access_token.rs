//! What an access token says (RFC 9068 profile), read strictly. The library lets much of it pass (T26, RFC 8725), so
//! every member of header and claims is checked here.

use serde::{Deserialize, Deserializer, Serialize};

use crate::compact::{Compact, Refusal};
use crate::key::Key;
use crate::key_pair::{KEY_ID_LENGTH, SignError};

/// Our own tokens have under 500 bytes; more is not even parsed (JW-13).
pub const LONGEST: usize = 1024;
/// What the header's `typ` must be (JW-07).
pub const TYPE: &str = "at+jwt";
/// How far the clocks of two servers may be apart, in seconds (JW-06: at most 30).
const LEEWAY: i64 = 5;

/// What the token says (RFC 7519 §4.1). All members but `nbf` and `cnf` are required, none besides these is taken, and serde
/// refuses a member that stands twice. Nothing in it tells who the person is: `sub` and `sid` are opaque (JW-18).
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub sid: String,
    pub jti: String,
    pub iat: i64,
    pub exp: i64,
    /// Ours have none; honoured where there is one (JW-05).
    #[serde(
        default,
        deserialize_with = "whole_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub nbf: Option<i64>,
    /// Who may send it: only who proves to have this key, where there is one (RFC 7800 §3, RFC 9449 §6.1).
    #[serde(
        default,
        deserialize_with = "confirmation",
        skip_serializing_if = "Option::is_none"
    )]
    pub cnf: Option<Confirmation>,
}

/// The key that a token is bound to, by its RFC 7638 thumbprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    pub jkt: String,
}

/// What must be true of a token here and now.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    /// The longest life that is handed out, in seconds.
    pub lifetime: i64,
    /// In seconds since 1970.
    pub now: i64,
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

/// The claims of a token that one of our keys signed for this use, and that is valid now. `find` gives the key with a
/// `kid`, by exact match.
///
/// # Errors
/// [`TokenError`].
pub fn verify<'a>(
    token: &str,
    find: impl FnOnce(&str) -> Option<&'a Key>,
    expected: Expected<'_>,
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
    let key = find(id).ok_or(TokenError::UnknownKey)?;
    let payload = token.verify(key)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::Claims)?;
    if claims.iss != expected.issuer || claims.aud != expected.audience {
        return Err(TokenError::Claims);
    }
    if !claims.are_valid(expected.lifetime, expected.now) {
        return Err(TokenError::Time);
    }
    Ok(claims)
}

impl Claims {
    /// The first moment, in seconds since 1970, at which nobody takes the token any more.
    pub fn refused_from(&self) -> i64 {
        self.exp.saturating_add(LEEWAY)
    }

    fn are_valid(&self, lifetime: i64, now: i64) -> bool {
        let is_sane = self.exp > self.iat && self.exp.saturating_sub(self.iat) <= lifetime;
        let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
        let has_begun = begins <= now.saturating_add(LEEWAY);
        let has_ended = self.refused_from() <= now;
        is_sane && has_begun && !has_ended
    }
}

/// The same for the key.
fn confirmation<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Confirmation>, D::Error> {
    Confirmation::deserialize(deserializer).map(Some)
}

/// A member that may be missing, but is a number where it is there: `null` is none.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(deserializer).map(Some)
}
