//! A public key as a JWK (RFC 7517): its type and curve, its `alg`, `use` and `key_ops` decide what it is taken for.

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::base64url::encode;
use crate::key::{Key, KeyError, bytes, uses_of};

/// RFC 7518 §3.3: "A key of size 2048 bits or larger MUST be used".
const LEAST_RSA_BYTES: usize = 2048 / 8;
/// Nobody has larger ones, and each more costs time.
const MOST_RSA_BYTES: usize = 4096 / 8;

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    k: Option<String>,
}

/// The key that a JWK's members describe. Its private members, if it has any, are not looked at.
///
/// # Errors
/// [`KeyError`]. RSA keys and secrets must name their algorithm: by their type alone they would be good for several.
pub fn key(members: Map<String, Value>) -> Result<Key, KeyError> {
    let jwk: Jwk = serde_json::from_value(members.into()).map_err(|_| KeyError::Malformed)?;
    if !jwk.is_for_verifying() {
        return Err(KeyError::OtherUse);
    }
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => {
            jwk.narrow(Key::ed25519(jwk.kid.clone(), &bytes(jwk.x.as_deref())?)?)
        }
        ("EC", Some("P-256")) => {
            let public = p256::PublicKey::from_sec1_bytes(&jwk.point(32)?);
            let public = public.map_err(|_| KeyError::Weak)?;
            jwk.narrow(Key::p256(jwk.kid.clone(), &public))
        }
        ("EC", Some("P-384")) => {
            let point = DecodingKey::from_ec_der(&jwk.point(48)?);
            jwk.narrow(Key::new(jwk.kid.clone(), &uses_of("EC", "P-384"), point))
        }
        ("RSA", None) => jwk.rsa(),
        ("oct", None) => jwk.secret(),
        _ => Err(KeyError::Unsupported),
    }
}

impl Jwk {
    /// RFC 7517 §4.2 and §4.3: what is said to be for something else is not for this.
    fn is_for_verifying(&self) -> bool {
        let operations = self.key_ops.as_deref();
        self.purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig")
            && operations.is_none_or(|all| all.iter().any(|operation| operation == "verify"))
    }

    fn narrow(&self, key: Key) -> Result<Key, KeyError> {
        match &self.alg {
            Some(name) => key.pinned_to(name),
            None => Ok(key),
        }
    }

    /// RFC 7518 §6.2.1.2: both coordinates in full length, also with leading zeros.
    fn point(&self, length: usize) -> Result<Vec<u8>, KeyError> {
        let (x, y) = (bytes(self.x.as_deref())?, bytes(self.y.as_deref())?);
        if x.len() != length || y.len() != length {
            return Err(KeyError::Weak);
        }
        Ok([&[4], x.as_slice(), y.as_slice()].concat())
    }

    fn rsa(&self) -> Result<Key, KeyError> {
        let name = self.alg.as_deref().ok_or(KeyError::NotPinned)?;
        let (modulus, exponent) = (bytes(self.n.as_deref())?, bytes(self.e.as_deref())?);
        let significant = modulus.iter().skip_while(|byte| **byte == 0).count();
        if !(LEAST_RSA_BYTES..=MOST_RSA_BYTES).contains(&significant) {
            return Err(KeyError::Weak);
        }
        let decoding = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
        Key::new(self.kid.clone(), &uses_of("RSA", ""), decoding).pinned_to(name)
    }

    /// RFC 7518 §3.2: a secret has at least as many bits as the hash.
    fn secret(&self) -> Result<Key, KeyError> {
        let name = self.alg.as_deref().ok_or(KeyError::NotPinned)?;
        let secret = bytes(self.k.as_deref())?;
        let decoding = DecodingKey::from_secret(&secret);
        let key = Key::new(self.kid.clone(), &uses_of("oct", ""), decoding).pinned_to(name)?;
        let least = match name {
            "HS256" => 32,
            "HS384" => 48,
            _ => 64,
        };
        if secret.len() < least {
            return Err(KeyError::Weak);
        }
        Ok(key)
    }
}

/// The members that make up a public key and nothing else, in the order of RFC 7638.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicMembers(Vec<(&'static str, String)>);

impl PublicMembers {
    pub(crate) fn ed25519(x: &[u8]) -> Self {
        Self(vec![
            ("crv", "Ed25519".to_owned()),
            ("kty", "OKP".to_owned()),
            ("x", encode(x)),
        ])
    }

    pub(crate) fn p256(point: &p256::EncodedPoint) -> Self {
        Self(vec![
            ("crv", "P-256".to_owned()),
            ("kty", "EC".to_owned()),
            (
                "x",
                encode(point.x().map(|x| x.to_vec()).unwrap_or_default()),
            ),
            (
                "y",
                encode(point.y().map(|y| y.to_vec()).unwrap_or_default()),
            ),
        ])
    }

    /// Those of a key that can prove possession here, and of no private one.
    pub(crate) fn of(jwk: &Map<String, Value>) -> Option<Self> {
        let names = match jwk.get("kty")?.as_str()? {
            "OKP" => ["crv", "kty", "x"].as_slice(),
            "EC" => ["crv", "kty", "x", "y"].as_slice(),
            _ => return None,
        };
        let text = |name: &&'static str| Some((*name, jwk.get(*name)?.as_str()?.to_owned()));
        let members = names.iter().map(text).collect::<Option<Vec<_>>>()?;
        (!jwk.contains_key("d")).then_some(Self(members))
    }

    /// RFC 7638: the name of the key that nobody chose.
    pub(crate) fn thumbprint(&self) -> String {
        encode(Sha256::digest(self.canonical()))
    }

    /// RFC 7638 §3: no white space, names in order. None of the values needs escaping.
    fn canonical(&self) -> String {
        let members: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!(r#""{name}":"{value}""#))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.0
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect()
    }
}
