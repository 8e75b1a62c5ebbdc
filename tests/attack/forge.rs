//! Tokens by somebody who has a key of their own, or none at all.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

/// A true token taken apart, and a key, as a rule one that the server never saw.
pub struct Forger {
    pub token: String,
    pub header: Value,
    pub claims: Value,
    key: SigningKey,
}

impl Forger {
    pub fn with(token: &str) -> Self {
        Self::holding(token, SigningKey::from_bytes(&[66; 32]))
    }

    /// With a key that is not the forger's own.
    pub fn holding(token: &str, key: SigningKey) -> Self {
        Self {
            token: token.to_owned(),
            header: part(token, 0),
            claims: part(token, 1),
            key,
        }
    }

    /// The header with one more member, or with another value of it.
    pub fn header_with(&self, name: &str, value: Value) -> String {
        with(&self.header, name, value)
    }

    pub fn claims_with(&self, name: &str, value: Value) -> String {
        with(&self.claims, name, value)
    }

    /// These very texts, under the forger's own signature.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", encode(signature))
    }

    /// These very texts, under the signature of the true token.
    pub fn under_true_signature(&self, header: &str, claims: &str) -> String {
        let signature = self.token.rsplit('.').next().unwrap_or_default();
        format!("{}.{}.{signature}", encode(header), encode(claims))
    }

    /// What everybody would need to check the forger's signature.
    pub fn public_key(&self) -> Value {
        let x = encode(self.key.verifying_key().as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "forged", "use": "sig", "alg": "EdDSA"})
    }
}

fn with(object: &Value, name: &str, value: Value) -> String {
    let mut changed = object.clone();
    changed[name] = value;
    changed.to_string()
}

pub fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
}

/// The header (0) or the claims (1) of a token, read without asking who signed it.
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_default();
    serde_json::from_slice(&decode(part)).unwrap_or_default()
}
