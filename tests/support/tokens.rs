//! Tokens made with the server's own key, for what a client could never get it to sign.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::TestServer;

pub struct Mint {
    pub header: Value,
    pub claims: Value,
    key: SigningKey,
}

impl Mint {
    /// Header and claims as the server would sign them for the one sign-in.
    pub async fn of(server: &TestServer) -> Self {
        let keys = server.services.keys.current();
        let pem = std::fs::read_to_string(&keys.newest().path).unwrap();
        let sid = server.select("SELECT id FROM sign_ins").await;
        let sub = server.select("SELECT user_id FROM sign_ins").await;
        assert_eq!(sid.len(), 1, "it is clear which sign-in is meant");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        Self {
            header: json!({"typ": "at+jwt", "alg": "EdDSA", "kid": server.services.keys.current().newest().pair.id()}),
            claims: json!({
                "iss": server.origin(), "aud": "twofold", "sub": sub[0], "sid": sid[0],
                "jti": "AAAAAAAAAAAAAAAAAAAAAA", "iat": now, "exp": now + 300,
            }),
            key: SigningKey::from_pkcs8_pem(&pem).unwrap(),
        }
    }

    pub fn token(&self) -> String {
        self.sign(&self.header.to_string(), &self.claims.to_string())
    }

    pub fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    pub fn without_claim(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    pub fn with_header(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.sign(&header.to_string(), &self.claims.to_string())
    }

    /// Signs these very texts.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        sign_with(&self.key, header, claims)
    }

    /// The right header and claims, by somebody who has a key of their own.
    pub fn token_of_another_key(&self) -> String {
        let key = SigningKey::from_bytes(&[7; 32]);
        sign_with(&key, &self.header.to_string(), &self.claims.to_string())
    }
}

fn sign_with(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

pub fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}
