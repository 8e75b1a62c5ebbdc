//! The access token of this server: signed with the current key, for its own origin. How strictly one is read is
//! `jws::access_token`'s affair.

use jws::access_token::{self, Claims, Confirmation, Expected, TYPE, TokenError};

use crate::domain::sign_in::{Moment, SignInId};
use crate::server::keys::set::KeySet;
use crate::server::secret::random_text;
use crate::server::settings::Settings;

const AUDIENCE: &str = "twofold";

/// A token for `subject`'s sign-in, bound to a key if there is one, valid from now on for the configured time.
pub(super) fn sign(
    subject: &str,
    sid: &SignInId,
    bound_to: Option<&str>,
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
        cnf: bound_to.map(|key| Confirmation {
            jkt: key.to_owned(),
        }),
    };
    Ok(keys.signing(now).pair.sign(TYPE, &claims)?)
}

/// The claims of a token that this server, or one with the same keys and origin, signed and that is valid now.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    settings: &Settings,
    now: Moment,
) -> Result<Claims, TokenError> {
    let expected = Expected {
        issuer: &settings.origin,
        audience: AUDIENCE,
        lifetime: Moment(0).after(settings.lifetimes.access_token).0,
        now: now.0,
    };
    let find = |id: &str| keys.find(id).map(|key| &key.pair.verifying);
    access_token::verify(token, find, expected)
}
