//! One token in compact form (RFC 7515 §7.1), taken apart. What it says can be had only from [`Compact::verify`], so
//! nothing that is not signed is ever believed (JW-01).

use serde_json::{Map, Value};

use crate::base64url::decode;
use crate::json;
use crate::key::Key;

/// Header members that would change what is verified, or bring along the key to verify it with. All are refused, and
/// nothing is ever fetched (JW-08, JW-09; RFC 8725 §3.10).
const REFUSED: &[&str] = &["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"];

/// A token whose signature has not been looked at yet.
pub struct Compact<'a> {
    header: Header,
    message: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
}

/// Which key and algorithm a token says it was signed with, and for what use; nothing more is taken from it.
#[derive(Debug)]
pub struct Header {
    pub alg: String,
    pub typ: Option<String>,
    pub kid: Option<String>,
    /// Whether there was any member besides these three.
    pub has_more: bool,
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the token is too long")]
    TooLong,
    #[error("the token does not have the three parts of a compact JWS")]
    Parts,
    #[error("a part of the token is not strict base64url without padding")]
    Encoding,
    #[error("the header is not a JSON object whose every member stands once")]
    Header,
    #[error("the header has the member {0}, which is refused")]
    Member(&'static str),
    #[error("the header's alg, typ and kid must be texts, and alg must be there")]
    Type,
    #[error("the header's alg is not one that the key is for")]
    Algorithm,
    #[error("no key here has the header's kid and alg")]
    NoKey,
    #[error("several keys here could be meant, and the header has no kid that tells")]
    ManyKeys,
    #[error("the signature does not fit")]
    Signature,
}

impl<'a> Compact<'a> {
    /// Takes apart a token of at most `longest` bytes; a longer one is not even looked at (JW-13).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(token: &'a str, longest: usize) -> Result<Self, Refusal> {
        Self::with_header(token, longest, Header::parse)
    }

    /// The same for a token that brings its key along, which is no reason to believe it: it proves that whoever made the
    /// token has that key, and nothing else (RFC 9449 §4.2).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse_with_key(
        token: &'a str,
        longest: usize,
    ) -> Result<(Self, Map<String, Value>), Refusal> {
        let mut jwk = Map::new();
        let token = Self::with_header(token, longest, |mut members| {
            if let Some(Value::Object(found)) = members.remove("jwk") {
                jwk = found;
            }
            Header::parse(members)
        })?;
        Ok((token, jwk))
    }

    fn with_header(
        token: &'a str,
        longest: usize,
        parse: impl FnOnce(Map<String, Value>) -> Result<Header, Refusal>,
    ) -> Result<Self, Refusal> {
        if token.len() > longest {
            return Err(Refusal::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Parts)?;
        let (header, payload) = message.split_once('.').ok_or(Refusal::Parts)?;
        if payload.contains('.') {
            return Err(Refusal::Parts);
        }
        // Strict here: the library would take a signature with a different last character for the same bytes.
        decode(signature).ok_or(Refusal::Encoding)?;
        let payload = decode(payload).ok_or(Refusal::Encoding)?;
        let header = decode(header).ok_or(Refusal::Encoding)?;
        Ok(Self {
            header: parse(json::members(&header).ok_or(Refusal::Header)?)?,
            message,
            payload,
            signature,
        })
    }

    /// What the token says of itself: good for finding the key, and for nothing else.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload, if `key` signed it.
    ///
    /// # Errors
    /// [`Refusal::Algorithm`], also for `none` in every spelling, because no key is for it; [`Refusal::Signature`].
    pub fn verify(self, key: &Key) -> Result<Vec<u8>, Refusal> {
        if !key.is_for(&self.header.alg) {
            return Err(Refusal::Algorithm);
        }
        if !key.verifies(&self.header.alg, self.message, self.signature) {
            return Err(Refusal::Signature);
        }
        Ok(self.payload)
    }
}

impl Header {
    fn parse(mut members: Map<String, Value>) -> Result<Self, Refusal> {
        if let Some(name) = REFUSED.iter().find(|name| members.contains_key(**name)) {
            return Err(Refusal::Member(name));
        }
        let mut take = |name| match members.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::Type),
            None => Ok(None),
        };
        Ok(Self {
            alg: take("alg")?.ok_or(Refusal::Type)?,
            typ: take("typ")?,
            kid: take("kid")?,
            has_more: !members.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Compact, Refusal};
    use crate::base64url::encode;

    fn refusal(token: &str) -> Option<Refusal> {
        Compact::parse(token, 200).err()
    }

    fn with_header(header: &str) -> String {
        format!("{}.AAAA.AAAA", encode(header))
    }

    #[test]
    fn what_is_not_three_strict_parts_is_refused() {
        let good = with_header(r#"{"alg":"EdDSA","cty":"unknown members are ignored"}"#);

        assert_eq!(refusal(&good), None);
        for (token, expected) in [
            (String::new(), Refusal::Parts),
            ("..".into(), Refusal::Header),
            ("AAAA.AAAA".into(), Refusal::Parts),
            (format!("{good}.AAAA"), Refusal::Parts),
            (format!("{good}.AAAA.AAAA"), Refusal::Parts),
            (format!("{good}="), Refusal::Encoding),
            (format!("{good}\n"), Refusal::Encoding),
            (format!(" {good}"), Refusal::Encoding),
            (format!("{good}B"), Refusal::Encoding),
            (good.replacen(".AAAA", ".AA/+", 1), Refusal::Encoding),
            (good.replacen(".AAAA", ".AAB", 1), Refusal::Encoding),
            ("x".repeat(201), Refusal::TooLong),
        ] {
            assert_eq!(refusal(&token), Some(expected), "{token:?}");
        }
    }

    #[test]
    fn headers_that_change_what_is_verified_are_refused() {
        for (header, expected) in [
            ("{}", Refusal::Type),
            (r#"{"alg":null}"#, Refusal::Type),
            (r#"{"alg":["EdDSA"]}"#, Refusal::Type),
            (r#"{"alg":"EdDSA","kid":1}"#, Refusal::Type),
            (r#"{"alg":"EdDSA","alg":"none"}"#, Refusal::Header),
            (r#"{"alg":"EdDSA","x":{"a":1,"a":2}}"#, Refusal::Header),
            (r#"{"alg":"EdDSA","crit":[]}"#, Refusal::Member("crit")),
            (r#"{"alg":"EdDSA","b64":false}"#, Refusal::Member("b64")),
            (r#"{"alg":"EdDSA","jwk":{}}"#, Refusal::Member("jwk")),
            (r#"{"alg":"EdDSA","jku":""}"#, Refusal::Member("jku")),
            (r#"{"alg":"EdDSA","zip":"DEF"}"#, Refusal::Member("zip")),
        ] {
            assert_eq!(refusal(&with_header(header)), Some(expected), "{header}");
        }
    }
}
