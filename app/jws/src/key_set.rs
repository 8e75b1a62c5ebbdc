//! The keys of one file, and which of them a token means.

use serde_json::Value;

use crate::compact::{Compact, Refusal};
use crate::json;
use crate::jwk;
use crate::key::{Key, KeyError};

/// The keys that verify, out of a PEM file, a JWK or a JWK set.
#[derive(Debug)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// Reads a PEM file or JSON. RFC 7517 §5: a key of a set that is not understood is as if it were not there.
    ///
    /// # Errors
    /// [`KeyError`], for a single key or where no key is left.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.contains("-----BEGIN ") {
            return Ok(Self(vec![Key::from_pem(text)?]));
        }
        let mut members = json::members(text.as_bytes()).ok_or(KeyError::Malformed)?;
        match members.remove("keys") {
            None => Ok(Self(vec![jwk::key(members)?])),
            Some(Value::Array(keys)) => Self::of(keys),
            Some(_) => Err(KeyError::Malformed),
        }
    }

    /// The payload of `token`, if one of the keys signed it. The token's `kid` selects, by exact match, among keys that
    /// have one; exactly one key must be left (JW-10).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify(&self, token: Compact<'_>) -> Result<Vec<u8>, Refusal> {
        let header = token.header();
        let names = |key: &&Key| match (&header.kid, &key.id) {
            (Some(wanted), Some(id)) => wanted == id,
            _ => true,
        };
        let mut meant = self.0.iter().filter(names);
        let mut fitting = meant.clone().filter(|key| key.is_for(&header.alg));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => token.verify(key),
            (Some(_), Some(_)) => Err(Refusal::ManyKeys),
            (None, _) if meant.next().is_some() && self.0.len() == 1 => Err(Refusal::Algorithm),
            (None, _) => Err(Refusal::NoKey),
        }
    }

    fn of(keys: Vec<Value>) -> Result<Self, KeyError> {
        let mut found = Vec::new();
        let mut problem = KeyError::Malformed;
        for key in keys {
            let Value::Object(members) = key else {
                return Err(KeyError::Malformed);
            };
            match jwk::key(members) {
                Ok(key) => found.push(key),
                Err(error) => problem = error,
            }
        }
        if found.is_empty() {
            return Err(problem);
        }
        Ok(Self(found))
    }
}

#[cfg(test)]
mod tests {
    use super::KeySet;
    use crate::compact::{Compact, Refusal};
    use crate::key::KeyError;

    const ED25519: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// RFC 8037 A.4.
    const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn verify(keys: &str, token: &str) -> Result<Vec<u8>, Refusal> {
        KeySet::parse(keys)
            .unwrap()
            .verify(Compact::parse(token, 4096)?)
    }

    #[test]
    fn the_example_of_rfc_8037_is_taken() {
        let with = |member: &str| ED25519.replacen('{', &format!("{{{member},"), 1);

        for key in [
            ED25519.to_owned(),
            with(r#""alg":"EdDSA""#),
            with(r#""use":"sig""#),
            with(r#""key_ops":["sign","verify"]"#),
            format!(r#"{{"keys":[{{"kty":"future"}},{ED25519}]}}"#),
        ] {
            let payload = verify(&key, SIGNED).unwrap();
            assert_eq!(payload, b"Example of Ed25519 signing", "{key}");
        }
    }

    #[test]
    fn a_key_is_for_what_it_says_and_nothing_else() {
        for (member, problem) in [
            (r#""alg":"ES256""#, KeyError::NotPinned),
            (r#""alg":"none""#, KeyError::NotPinned),
            (r#""alg":"HS256""#, KeyError::NotPinned),
            (r#""use":"enc""#, KeyError::OtherUse),
            (r#""key_ops":["sign"]"#, KeyError::OtherUse),
            (r#""kty":"OKP""#, KeyError::Malformed),
        ] {
            let key = ED25519.replacen('{', &format!("{{{member},"), 1);
            assert_eq!(KeySet::parse(&key).unwrap_err(), problem, "{key}");
        }
    }

    #[test]
    fn keys_that_are_weak_unpinned_or_no_points_are_refused() {
        let zeros = |count: usize| "A".repeat(count);
        for (key, problem) in [
            (
                r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#.to_owned(),
                KeyError::Weak,
            ),
            (
                format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, zeros(43)),
                KeyError::Weak,
            ),
            (
                format!(
                    r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#,
                    zeros(43)
                ),
                KeyError::Weak,
            ),
            (
                format!(
                    r#"{{"kty":"RSA","alg":"RS256","n":"{}","e":"AQAB"}}"#,
                    zeros(342)
                ),
                KeyError::Weak,
            ),
            (
                r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned(),
                KeyError::NotPinned,
            ),
            (
                r#"{"kty":"oct","k":"AQAB"}"#.to_owned(),
                KeyError::NotPinned,
            ),
            (
                r#"{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}"#.to_owned(),
                KeyError::Weak,
            ),
            (
                r#"{"kty":"OKP","crv":"Ed448","x":""}"#.to_owned(),
                KeyError::Unsupported,
            ),
            (r#"{"keys":[]}"#.to_owned(), KeyError::Malformed),
            (String::new(), KeyError::Malformed),
        ] {
            assert_eq!(KeySet::parse(&key).unwrap_err(), problem, "{key}");
        }
    }

    #[test]
    fn the_kid_selects_and_without_one_exactly_one_key_must_fit() {
        let named = |kid| ED25519.replacen('{', &format!(r#"{{"kid":"{kid}","#), 1);
        let set = |keys: &[String]| format!(r#"{{"keys":[{}]}}"#, keys.join(","));

        let two = set(&[named("a"), named("b")]);
        assert_eq!(verify(&two, SIGNED), Err(Refusal::ManyKeys));
        assert!(verify(&set(&[named("a")]), SIGNED).is_ok());
        // {"alg":"EdDSA","kid":"c"}
        let other = SIGNED.replacen(
            "eyJhbGciOiJFZERTQSJ9",
            "eyJhbGciOiJFZERTQSIsImtpZCI6ImMifQ",
            1,
        );
        assert_eq!(verify(&two, &other), Err(Refusal::NoKey));
        assert_eq!(verify(ED25519, &other), Err(Refusal::Signature));
    }
}
