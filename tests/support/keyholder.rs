//! A client with a key of its own, which proves with every call that it has it (DPoP, RFC 9449).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::program::{ME, REFRESH, TOKEN, credentials};
use super::reachable::Reachable;
use super::{Answer, Browser, EMAIL, PASSWORD};

pub struct Keyholder {
    pub browser: Browser,
    /// Whose tokens it asks for.
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
    pub nonce: String,
    /// Where the server says that it is.
    pub origin: String,
    key: SigningKey,
}

impl Keyholder {
    /// Without tokens yet, and without a nonce.
    pub fn new(server: &impl Reachable, seed: u8) -> Self {
        Self::with(server.browser(), server.origin(), seed)
    }

    pub fn with(browser: Browser, origin: String, seed: u8) -> Self {
        Self {
            browser,
            email: EMAIL.to_owned(),
            access_token: String::new(),
            refresh_token: String::new(),
            nonce: String::new(),
            origin,
            key: SigningKey::from_bytes(&[seed; 32]),
        }
    }

    /// One that has Ada's tokens, bound to its key; she must have signed up.
    pub async fn sign_in(server: &impl Reachable, seed: u8) -> Self {
        Self::new(server, seed).signed_in().await
    }

    pub async fn signed_in(mut self) -> Self {
        let answer = self.grant().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.keep(&answer);
        self
    }

    /// One that has this refresh token, which may be bound to nothing yet, and knows the nonce.
    pub async fn holding(server: &impl Reachable, seed: u8, refresh_token: &str) -> Self {
        let mut holder = Self::new(server, seed);
        refresh_token.clone_into(&mut holder.refresh_token);
        assert_eq!(holder.renew().await.error(), "use_dpop_nonce");
        holder
    }

    pub fn header(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk})
    }

    /// What a proof for a call with the access token says.
    pub fn claims(&self, method: &str, path: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        json!({
            "jti": format!("{:x}", fastrand::u128(..)),
            "htm": method,
            "htu": format!("{}{path}", self.origin),
            "iat": now.as_secs(),
            "ath": hash(&self.access_token),
            "nonce": self.nonce,
        })
    }

    pub fn proof_for(&self, method: &str, path: &str) -> String {
        self.sign(&self.header(), &self.claims(method, path))
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Asks who it is, with the token and this proof.
    pub async fn me_with(&self, proof: &str) -> Answer {
        self.ask_with("GET", ME, proof).await
    }

    /// Asks for something else.
    pub async fn ask_with(&self, method: &str, path: &str, proof: &str) -> Answer {
        let authorization = format!("DPoP {}", self.access_token);
        let request = self.browser.bare(method, path);
        let request = request
            .header("authorization", authorization)
            .header("dpop", proof);
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn me(&mut self) -> Answer {
        let answer = self.me_with(&self.proof_for("GET", ME)).await;
        self.note(&answer);
        answer
    }

    /// Signs in, with the nonce that the first try gets; that a nonce is asked for is for others to see.
    pub async fn grant(&mut self) -> Answer {
        let body = credentials(&self.email, PASSWORD);
        let first = self.post_proved(TOKEN, &body).await;
        if first.error() != "use_dpop_nonce" {
            return first;
        }
        self.post_proved(TOKEN, &body).await
    }

    pub async fn renew(&mut self) -> Answer {
        let body = json!({"refresh_token": self.refresh_token});
        self.post_proved(REFRESH, &body).await
    }

    /// By what others know its key (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let x = &self.header()["jwk"]["x"];
        hash(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":{x}}}"#))
    }

    /// For a POST without the token.
    pub fn tokenless_proof_for(&self, path: &str) -> String {
        let mut claims = self.claims("POST", path);
        claims.as_object_mut().unwrap().remove("ath");
        self.sign(&self.header(), &claims)
    }

    /// With a proof, but without the token.
    async fn post_proved(&mut self, path: &str, body: &Value) -> Answer {
        let request = self.browser.bare("POST", path);
        let request = request
            .header("content-type", "application/json")
            .header("dpop", self.tokenless_proof_for(path))
            .body(body.to_string());
        let answer = Answer::of(request.send().await.unwrap()).await;
        self.note(&answer);
        answer
    }

    /// Takes over the tokens of an answer.
    pub fn keep(&mut self, answer: &Answer) {
        let text = |name| answer.json()[name].as_str().unwrap().to_owned();
        (self.access_token, self.refresh_token) = (text("access_token"), text("refresh_token"));
    }

    fn note(&mut self, answer: &Answer) {
        if !answer.header("dpop-nonce").is_empty() {
            answer.header("dpop-nonce").clone_into(&mut self.nonce);
        }
    }
}

/// SHA-256 in base64url.
fn hash(token: &str) -> String {
    app::server::secret::Hashed::of(token).as_str().to_owned()
}
