//! Tokens as somebody sends them, and signed with a real key around whatever header and claims. Nothing panics, and what
//! is taken has one encoding, one reading, and a life that is not over.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey, crypto};
use jws::access_token::{self, Expected};
use jws::compact::Compact;
use jws::key::Key;
use jws::key_pair::{Algorithm, KeyPair};
use jws::{json, jwk};
use libfuzzer_sys::fuzz_target;

/// A secret that is none: a MAC costs a hundredth of a signature on a curve, and the parser is the same.
const SECRET: &[u8] = b"thirty-two bytes of open secret!";
/// The token in the corpus was signed around this moment.
const NOW: i64 = 1_800_000_000;

static MAC: LazyLock<Key> = LazyLock::new(|| {
    let text = br#"{"kty":"oct","alg":"HS256","k":"dGhpcnR5LXR3byBieXRlcyBvZiBvcGVuIHNlY3JldCE"}"#;
    jwk::key(json::members(text).expect("this is an object")).expect("this is a key")
});
/// Nobody here signs with it, so whatever it takes is a forgery.
static UNUSED: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::from_pem(&KeyPair::generate(Algorithm::EdDsa)).expect("it was just made")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    check(text);
    // Signed as it stands; and, where it has two lines, as a header and claims that are yet to be encoded.
    check(&signed(text));
    if let Some((header, claims)) = text.split_once('\n') {
        let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
        check(&signed(&format!("{}.{}", encode(header), encode(claims))));
    }
});

fn check(token: &str) {
    if let Ok(parsed) = Compact::parse(token, token.len()) {
        assert!(parsed.verify(&UNUSED.verifying).is_err());
    }
    let expected = Expected {
        issuer: "https://app.example.com",
        audience: "twofold",
        lifetime: 300,
        now: NOW,
    };
    let Ok(claims) =
        access_token::verify(token, |id| (id == "AAAAAAAA").then_some(&*MAC), expected)
    else {
        return;
    };
    assert!(token.len() <= access_token::LONGEST);
    assert!((NOW - 5..=NOW + 305).contains(&claims.exp), "{claims:?}");
    assert!((NOW - 305..=NOW + 5).contains(&claims.iat), "{claims:?}");
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    for part in &parts {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("strict base64url");
        assert_eq!(*part, URL_SAFE_NO_PAD.encode(bytes), "one encoding");
    }
    let header = URL_SAFE_NO_PAD.decode(parts[0]).expect("strict base64url");
    assert_eq!(
        json::members(&header).expect("an object").len(),
        3,
        "alg, typ and kid"
    );
    let message = format!("{}.{}", parts[0], parts[1]);
    let key = DecodingKey::from_secret(SECRET);
    let algorithm = jsonwebtoken::Algorithm::HS256;
    let again = crypto::verify(parts[2], message.as_bytes(), &key, algorithm);
    assert!(matches!(again, Ok(true)), "the library agrees");
}

fn signed(message: &str) -> String {
    let key = EncodingKey::from_secret(SECRET);
    let signature = crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256);
    format!("{message}.{}", signature.expect("a MAC always works"))
}
