//! A key that signs: Ed25519 (RFC 8037) or P-256 (RFC 7518 §3.4), as PKCS#8 PEM.

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::jwk::PublicMembers;
use crate::key::{Key, KeyError};
use crate::samples::is_sample;

/// How many characters the id of a key of ours has: enough for the few keys there are, and tokens should be short.
pub const KEY_ID_LENGTH: usize = 8;

/// What tokens can be signed with here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    #[default]
    EdDsa,
    Es256,
}

/// A private key, ready for use, and its public half.
pub struct KeyPair {
    pub algorithm: Algorithm,
    /// Takes what this pair signs; its `id` is the pair's.
    pub verifying: Key,
    id: String,
    signing: EncodingKey,
    public: PublicMembers,
    mac_key: [u8; 32],
}

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::EdDsa, Self::Es256];

    /// As in a token's header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

impl KeyPair {
    /// Reads PKCS#8 PEM, or SEC 1 PEM for P-256.
    ///
    /// # Errors
    /// [`KeyError::NotPrivate`] for whatever else it is, [`KeyError::Sample`] for a key that is no secret (JW-16).
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (mut pair, secret) = if let Ok(key) = SigningKey::from_pkcs8_pem(pem) {
            (Self::ed25519(&key)?, key.to_bytes())
        } else {
            let key = p256_private(pem).ok_or(KeyError::NotPrivate)?;
            (Self::p256(&key)?, key.to_bytes().into())
        };
        if is_sample(&pair.thumbprint(), &secret) {
            return Err(KeyError::Sample);
        }
        pair.mac_key = mac_key(&secret);
        Ok(pair)
    }

    /// A new key in PKCS#8 PEM form.
    ///
    /// # Panics
    /// When the operating system gives no random bytes: going on without them would be worse.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> String {
        loop {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).expect("the operating system gives random bytes");
            let pem = match algorithm {
                Algorithm::EdDsa => SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF),
                // One number in 2^32 is none of the curve's.
                Algorithm::Es256 => match p256::SecretKey::from_slice(&seed) {
                    Ok(key) => key.to_pkcs8_pem(LineEnding::LF),
                    Err(_) => continue,
                },
            };
            if let Ok(pem) = pem {
                return pem.to_string();
            }
        }
    }

    fn ed25519(key: &SigningKey) -> Result<Self, KeyError> {
        let document = key.to_pkcs8_der().map_err(|_| KeyError::Malformed)?;
        let public = key.verifying_key();
        let members = PublicMembers::ed25519(public.as_bytes());
        Self::new(
            Algorithm::EdDsa,
            Key::ed25519(None, public.as_bytes())?,
            EncodingKey::from_ed_der(document.as_bytes()),
            members,
        )
    }

    fn p256(key: &p256::SecretKey) -> Result<Self, KeyError> {
        let document = key.to_pkcs8_der().map_err(|_| KeyError::Malformed)?;
        let public = key.public_key();
        let members = PublicMembers::p256(&p256::EncodedPoint::from(&public));
        Self::new(
            Algorithm::Es256,
            Key::p256(None, &public),
            EncodingKey::from_ec_der(document.as_bytes()),
            members,
        )
    }

    fn new(
        algorithm: Algorithm,
        key: Key,
        signing: EncodingKey,
        public: PublicMembers,
    ) -> Result<Self, KeyError> {
        let id = public.thumbprint()[..KEY_ID_LENGTH].to_owned();
        let mut verifying = key.pinned_to(algorithm.name())?;
        verifying.id = Some(id.clone());
        Ok(Self {
            algorithm,
            verifying,
            id,
            signing,
            public,
            mac_key: [0; 32],
        })
    }

    /// The `kid` of the tokens it signs: the start of its thumbprint.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A secret that whoever has the private key has too, for what servers tell each other through a client.
    #[must_use]
    pub fn mac_key(&self) -> &[u8; 32] {
        &self.mac_key
    }

    /// RFC 7638, with the members of RFC 8037 §2 for Ed25519.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.public.thumbprint()
    }

    /// The public half, for a JWK set (RFC 7517 §4).
    #[must_use]
    pub fn public_jwk(&self) -> Map<String, Value> {
        let mut jwk = self.public.to_map();
        for (name, value) in [
            ("kid", self.id()),
            ("use", "sig"),
            ("alg", self.algorithm.name()),
        ] {
            jwk.insert(name.to_owned(), value.into());
        }
        jwk
    }

    /// `claims` as a compact JWS with this `typ`, and the key's `alg` and `kid`.
    ///
    /// # Errors
    /// When the claims are no JSON or the key does not work.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(self.id.clone()),
            ..Header::new(match self.algorithm {
                Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
                Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            })
        };
        Ok(jsonwebtoken::encode(&header, claims, &self.signing)?)
    }
}

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed: {0}")]
pub struct SignError(#[from] jsonwebtoken::errors::Error);

/// Says nothing about the private key, and nothing that is signed says anything about it.
fn mac_key(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update("twofold mac key")
        .chain_update(secret)
        .finalize()
        .into()
}

/// A P-256 key in PKCS#8 or SEC 1 PEM form.
pub(crate) fn p256_private(pem: &str) -> Option<p256::SecretKey> {
    p256::SecretKey::from_pkcs8_pem(pem)
        .or_else(|_| p256::SecretKey::from_sec1_pem(pem))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, KeyPair};
    use crate::compact::Compact;
    use crate::key::{Key, KeyError};
    use crate::key_set::KeySet;

    /// RFC 8037 A.1 and RFC 8410 §7.
    const PUBLISHED: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn what_a_new_key_signs_its_public_half_takes() {
        for algorithm in Algorithm::ALL {
            let pem = KeyPair::generate(algorithm);
            let pair = KeyPair::from_pem(&pem).unwrap();
            let token = pair.sign("at+jwt", &[1, 2]).unwrap();

            let jwk = serde_json::Value::from(pair.public_jwk()).to_string();
            for keys in [pem, jwk] {
                let parsed = Compact::parse(&token, 1000).unwrap();
                assert_eq!(parsed.header().alg, algorithm.name());
                assert_eq!(parsed.header().kid.as_deref(), Some(pair.id()));
                let payload = KeySet::parse(&keys).unwrap().verify(parsed);
                assert_eq!(payload.as_deref(), Ok(b"[1,2]".as_slice()), "{keys}");
            }
        }
    }

    #[test]
    fn published_and_typed_keys_do_not_sign_but_may_verify_samples() {
        assert_eq!(KeyPair::from_pem(PUBLISHED).err(), Some(KeyError::Sample));
        assert!(Key::from_pem(PUBLISHED).is_ok());
    }

    #[test]
    fn a_public_key_has_the_thumbprint_of_rfc_8037_a_3() {
        let members = super::PublicMembers::ed25519(
            &crate::base64url::decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap(),
        );

        assert_eq!(
            members.thumbprint(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
