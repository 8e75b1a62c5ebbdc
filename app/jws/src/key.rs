//! A key that verifies. It decides which algorithm is right, and a token only has to agree (JW-02; RFC 8725 §3.1).

use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::base64url::decode;
use crate::key_pair::p256_private;

/// What a key is good for: the name in a token's header (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2), the key's type
/// and curve, and the library's word for it.
pub(crate) struct Use {
    pub(crate) name: &'static str,
    pub(crate) key_type: &'static str,
    pub(crate) curve: &'static str,
    pub(crate) algorithm: Algorithm,
}

const fn row(
    name: &'static str,
    key_type: &'static str,
    curve: &'static str,
    algorithm: Algorithm,
) -> Use {
    Use {
        name,
        key_type,
        curve,
        algorithm,
    }
}

pub(crate) const USES: &[Use] = &[
    row("EdDSA", "OKP", "Ed25519", Algorithm::EdDSA),
    row("Ed25519", "OKP", "Ed25519", Algorithm::EdDSA),
    row("ES256", "EC", "P-256", Algorithm::ES256),
    row("ES384", "EC", "P-384", Algorithm::ES384),
    row("RS256", "RSA", "", Algorithm::RS256),
    row("RS384", "RSA", "", Algorithm::RS384),
    row("RS512", "RSA", "", Algorithm::RS512),
    row("PS256", "RSA", "", Algorithm::PS256),
    row("PS384", "RSA", "", Algorithm::PS384),
    row("PS512", "RSA", "", Algorithm::PS512),
    row("HS256", "oct", "", Algorithm::HS256),
    row("HS384", "oct", "", Algorithm::HS384),
    row("HS512", "oct", "", Algorithm::HS512),
];

/// A key with the algorithms it is pinned to: one, or the two names of Ed25519.
#[derive(Clone, Debug)]
pub struct Key {
    /// The `kid` by which a token may name it.
    pub id: Option<String>,
    algorithms: Vec<(&'static str, Algorithm)>,
    decoding: DecodingKey,
}

/// Why a text is not taken for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it holds neither an Ed25519 or P-256 key in PEM form nor a JWK or JWK set")]
    Malformed,
    #[error("it holds no private Ed25519 or P-256 key in PKCS#8 PEM form")]
    NotPrivate,
    #[error("the key's type or curve is not supported")]
    Unsupported,
    #[error("the key is too short, or no valid point of its curve")]
    Weak,
    #[error("the key is a published sample, or not random")]
    Sample,
    #[error("the JWK says by use or key_ops that it is not for verifying signatures")]
    OtherUse,
    #[error("the JWK does not say by alg which algorithm it is for, or one that does not fit it")]
    NotPinned,
}

impl Key {
    pub(crate) fn new(id: Option<String>, uses: &[&Use], decoding: DecodingKey) -> Self {
        Self {
            id,
            algorithms: uses.iter().map(|row| (row.name, row.algorithm)).collect(),
            decoding,
        }
    }

    /// Whether it verifies tokens that say `alg` is `name`.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        self.algorithm(name).is_some()
    }

    /// Whether `signature`, which must be strict base64url, is this key's for `message`, by the algorithm of `name`.
    pub(crate) fn verifies(&self, name: &str, message: &str, signature: &str) -> bool {
        let Some(algorithm) = self.algorithm(name) else {
            return false;
        };
        if algorithm == Algorithm::ES256 {
            return self.verifies_es256(message, signature);
        }
        let answer = crypto::verify(signature, message.as_bytes(), &self.decoding, algorithm);
        matches!(answer, Ok(true))
    }

    /// Not by the library, which takes five times as long for it: a browser signs every single call with such a key.
    fn verifies_es256(&self, message: &str, signature: &str) -> bool {
        let (Ok(point), Some(signature)) = (self.decoding.try_get_as_bytes(), decode(signature))
        else {
            return false;
        };
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(message.as_bytes(), &signature)
            .is_ok()
    }

    /// A public or private key in PEM form: SPKI, PKCS#8 or, for P-256, SEC 1.
    ///
    /// # Errors
    /// [`KeyError`]; RSA is among the unsupported, because a PEM file does not pin its algorithm.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if let Ok(private) = SigningKey::from_pkcs8_pem(pem) {
            return Self::ed25519(None, private.verifying_key().as_bytes());
        }
        if let Some(private) = p256_private(pem) {
            return Ok(Self::p256(None, &private.public_key()));
        }
        if let Ok(public) = VerifyingKey::from_public_key_pem(pem) {
            return Self::ed25519(None, public.as_bytes());
        }
        match p256::PublicKey::from_public_key_pem(pem) {
            Ok(public) => Ok(Self::p256(None, &public)),
            Err(_) if pem.contains(" KEY-----") => Err(KeyError::Unsupported),
            Err(_) => Err(KeyError::Malformed),
        }
    }

    pub(crate) fn ed25519(id: Option<String>, bytes: &[u8]) -> Result<Self, KeyError> {
        // The library panics when it is given fewer bytes, and takes points for which anything is a signature.
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Weak)?;
        match VerifyingKey::from_bytes(bytes) {
            Ok(public) if !public.is_weak() => Ok(Self::new(
                id,
                &uses_of("OKP", "Ed25519"),
                DecodingKey::from_ed_der(bytes),
            )),
            _ => Err(KeyError::Weak),
        }
    }

    pub(crate) fn p256(id: Option<String>, public: &p256::PublicKey) -> Self {
        let point = p256::EncodedPoint::from(public);
        Self::new(
            id,
            &uses_of("EC", "P-256"),
            DecodingKey::from_ec_der(point.as_bytes()),
        )
    }

    /// Narrows it to the algorithm that a JWK names.
    pub(crate) fn pinned_to(mut self, name: &str) -> Result<Self, KeyError> {
        self.algorithms.retain(|(candidate, _)| *candidate == name);
        if self.algorithms.is_empty() {
            return Err(KeyError::NotPinned);
        }
        Ok(self)
    }

    fn algorithm(&self, name: &str) -> Option<Algorithm> {
        self.algorithms
            .iter()
            .find(|(candidate, _)| *candidate == name)
            .map(|(_, algorithm)| *algorithm)
    }
}

pub(crate) fn uses_of(key_type: &str, curve: &str) -> Vec<&'static Use> {
    USES.iter()
        .filter(|row| row.key_type == key_type && row.curve == curve)
        .collect()
}

/// The bytes of a JWK's member.
pub(crate) fn bytes(member: Option<&str>) -> Result<Vec<u8>, KeyError> {
    member.and_then(decode).ok_or(KeyError::Malformed)
}
