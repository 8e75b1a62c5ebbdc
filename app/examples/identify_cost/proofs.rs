//! Proofs of possession (RFC 9449) as the browser makes them, with a P-256 key, made before they are needed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use app::server::secret::{Hashed, random_text};

use crate::load::{Connection, Request};
use crate::server::Server;

pub struct Prover<'a> {
    server: &'a Server,
    key: SigningKey,
}

impl<'a> Prover<'a> {
    pub fn new(server: &'a Server) -> Self {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        Self { server, key }
    }

    /// So many proofs for a call to `/api/viewer`, each with the header `authorization` before it.
    pub fn headers<'b>(
        &'b self,
        authorization: &'b str,
        count: usize,
    ) -> impl Iterator<Item = String> + 'b {
        let nonce = self.nonce();
        let token = authorization.trim_end().rsplit(' ').next().unwrap();
        let hash = Hashed::of(token);
        (0..count).map(move |_| {
            let claims = json!({
                "jti": random_text::<16>(), "htm": "POST", "htu": format!("{}/api/viewer", self.server.origin()),
                "iat": 0, "nonce": nonce, "ath": hash.as_str(),
            });
            format!("{authorization}DPoP: {}\r\n", self.sign(&claims))
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let point = self.key.verifying_key().to_encoded_point(false);
        let jwk = json!({
            "kty": "EC", "crv": "P-256",
            "x": encode(point.x().unwrap()), "y": encode(point.y().unwrap()),
        });
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        let message = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature: Signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", encode(signature.to_bytes()))
    }

    /// Whoever shows any proof at all is given one.
    fn nonce(&self) -> String {
        let request = Request::post(self.server, "/api/viewer", "DPoP: x\r\n");
        let mut connection = Connection::to(self.server.address);
        let answer = connection.ask(&request);
        let nonce = answer
            .lines()
            .find_map(|line| line.strip_prefix("dpop-nonce: "));
        nonce.unwrap().to_owned()
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
