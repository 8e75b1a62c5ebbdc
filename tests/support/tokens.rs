//! Tokens made with the server's own key, for what a client could never get it to sign.

use std::time::{SystemTime, UNIX_EPOCH};

use app::server::keys::file::KeyFile;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::{Answer, Browser, TestServer};

#[derive(Clone)]
pub struct Mint {
    pub header: Value,
    pub claims: Value,
    key: SigningKey,
}

impl Mint {
    /// Header and claims as the server would sign them for the one sign-in, with its own key.
    pub async fn of(server: &TestServer) -> Self {
        let keys = server.services.keys.current();
        Self::of_key(server, [0; 32]).await.with_key(keys.newest())
    }

    /// The same, signed with the key of this seed.
    pub async fn of_key(server: &TestServer, seed: [u8; 32]) -> Self {
        let sid = server.select("SELECT id FROM sign_ins").await;
        let sub = server.select("SELECT user_id FROM sign_ins").await;
        assert_eq!(sid.len(), 1, "it is clear which sign-in is meant");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let keys = server.services.keys.current();
        Self {
            header: json!({"typ": "at+jwt", "alg": "EdDSA", "kid": keys.newest().pair.id()}),
            claims: json!({
                "iss": server.origin(), "aud": "twofold", "sub": sub[0], "sid": sid[0],
                "jti": "AAAAAAAAAAAAAAAAAAAAAA", "iat": now, "exp": now + 300,
            }),
            key: SigningKey::from_bytes(&seed),
        }
    }

    /// The same, signed with an Ed25519 key of the server's.
    pub fn with_key(&self, file: &KeyFile) -> Self {
        let pem = std::fs::read_to_string(&file.path).unwrap();
        let mut mint = self.clone();
        mint.header["kid"] = json!(file.pair.id());
        mint.key = SigningKey::from_pkcs8_pem(&pem).unwrap();
        mint
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

    /// Signed at `iat`, good until `exp`.
    pub fn with_times(&self, iat: i64, exp: i64) -> String {
        let mut claims = self.claims.clone();
        (claims["iat"], claims["exp"]) = (json!(iat), json!(exp));
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    pub fn without_header(&self, name: &str) -> String {
        let mut header = self.header.clone();
        header.as_object_mut().unwrap().remove(name);
        self.sign(&header.to_string(), &self.claims.to_string())
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

    /// Signs these very bytes.
    pub fn sign_bytes(&self, header: &[u8], claims: &[u8]) -> String {
        sign_with(&self.key, header, claims)
    }

    /// Signs a message whose parts are encoded already, as they stand.
    pub fn sign_encoded(&self, header: &str, claims: &str) -> String {
        let message = format!("{header}.{claims}");
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", encode(signature.to_bytes()))
    }

    /// What everybody knows of the key: its 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The right header and claims, by somebody who has a key of their own.
    pub fn token_of_another_key(&self) -> String {
        let key = SigningKey::from_bytes(&[7; 32]);
        sign_with(&key, self.header.to_string(), self.claims.to_string())
    }
}

fn sign_with(key: &SigningKey, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", encode(signature.to_bytes()))
}

pub fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A call with this `Authorization` header.
pub async fn asked_with(browser: &Browser, authorization: &str) -> Answer {
    asked_with_bytes(browser, authorization.as_bytes()).await
}

pub async fn asked_with_bytes(browser: &Browser, authorization: &[u8]) -> Answer {
    let request = browser
        .bare("POST", "/api/account")
        .header("authorization", authorization)
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.send().await.unwrap()).await
}

pub async fn signed_in_server() -> (TestServer, Browser, Mint) {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mint = Mint::of(&server).await;
    (server, browser, mint)
}

/// Each is the same 401, whatever is wrong with it (JW-15).
pub async fn assert_all_refused(browser: &Browser, tokens: &[(&str, String)]) {
    for (what, token) in tokens {
        let answer = asked_with(browser, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 401, "{what}");
        assert_eq!(answer.body, r#"{"error":"invalid_token"}"#, "{what}");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="twofold", error="invalid_token""#,
            "{what}"
        );
    }
}

/// The header (0) or the claims (1) of a token, read without asking who signed it.
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
