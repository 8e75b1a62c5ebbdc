//! Proofs of possession as somebody sends them, and signed with a real key around whatever header and claims. Nothing panics,
//! and what is taken is one proof of one public key, which the library finds signed as well.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey, crypto};
use jws::dpop::{self, ALGORITHMS, LONGEST, Proof, TYPE};
use jws::json;
use jws::key_pair::{Algorithm, KeyPair};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

static PEM: LazyLock<String> = LazyLock::new(|| KeyPair::generate(Algorithm::EdDsa));
static KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    let body: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    EncodingKey::from_ed_der(&STANDARD.decode(body).expect("PEM is base64"))
});
/// The `x` of that key, for which the inputs say `PUBLIC`.
static PUBLIC: LazyLock<String> = LazyLock::new(|| {
    let pair = KeyPair::from_pem(&PEM).expect("it was just made");
    pair.public_jwk()["x"].as_str().expect("a text").to_owned()
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    check(text);
    // Signed; and, where it has two lines, as a header and claims that are yet to be encoded.
    check(&signed(text));
    if let Some((header, claims)) = text.split_once('\n') {
        let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
        let header = header.replace("PUBLIC", &PUBLIC);
        check(&signed(&format!("{}.{}", encode(&header), encode(claims))));
    }
});

fn check(text: &str) {
    let Ok(proof) = dpop::verify(text) else {
        return;
    };
    assert!(text.len() <= LONGEST);
    let parts: Vec<_> = text.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts");
    };
    let header = members(header);
    assert_eq!(header["typ"], TYPE);
    let algorithm = header["alg"].as_str().expect("a text");
    assert!(ALGORITHMS.contains(&algorithm));
    check_claims(&proof, &members(claims));

    let jwk = header["jwk"].as_object().expect("an object");
    assert!(!jwk.contains_key("d"), "a private key proves nothing");
    let message = text.rsplit_once('.').expect("three parts").0.as_bytes();
    let (key, algorithm) = key_of(jwk, algorithm);
    let again = crypto::verify(signature, message, &key, algorithm);
    assert!(matches!(again, Ok(true)), "the library agrees");
}

fn check_claims(proof: &Proof, claims: &Map<String, Value>) {
    assert_eq!(proof.thumbprint.len(), 43, "256 bits in base64url");
    assert_eq!(claims["jti"], proof.claims.jti);
    assert!(!proof.claims.jti.is_empty());
    assert_eq!(claims["htm"], proof.claims.htm);
    assert_eq!(claims["htu"], proof.claims.htu);
    assert_eq!(claims["iat"], proof.claims.iat);
    for (name, read) in [("ath", &proof.claims.ath), ("nonce", &proof.claims.nonce)] {
        assert_eq!(claims.get(name).and_then(Value::as_str), read.as_deref());
    }
}

fn key_of(jwk: &Map<String, Value>, name: &str) -> (DecodingKey, jsonwebtoken::Algorithm) {
    let member = |name: &str| jwk[name].as_str().expect("a text");
    let (key, algorithm) = if name == "ES256" {
        let key = DecodingKey::from_ec_components(member("x"), member("y"));
        (key, jsonwebtoken::Algorithm::ES256)
    } else {
        let key = DecodingKey::from_ed_components(member("x"));
        (key, jsonwebtoken::Algorithm::EdDSA)
    };
    (key.expect("its members were taken"), algorithm)
}

/// What one part says, in its only encoding.
fn members(part: &str) -> Map<String, Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("strict base64url");
    assert_eq!(part, URL_SAFE_NO_PAD.encode(&bytes), "one encoding");
    json::members(&bytes).expect("an object")
}

fn signed(message: &str) -> String {
    let algorithm = jsonwebtoken::Algorithm::EdDSA;
    let signature = crypto::sign(message.as_bytes(), &KEY, algorithm);
    format!("{message}.{}", signature.expect("a signature always works"))
}
