//! Key files: PEM, JWK and JWK sets of whatever kind. Nothing panics, neither when one is read nor when something is
//! verified with what came out, and nothing that nobody signed is taken.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jws::compact::Compact;
use jws::key_pair::KeyPair;
use jws::key_set::KeySet;
use libfuzzer_sys::fuzz_target;

/// One for each algorithm, with a signature of the right length that nobody made.
static FORGERIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lengths = [
        ("EdDSA", 64),
        ("ES256", 64),
        ("ES384", 96),
        ("RS256", 256),
        ("PS256", 256),
        ("HS256", 32),
        ("HS512", 64),
    ];
    lengths
        .map(|(alg, length)| {
            let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
            let header = encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes());
            format!(
                "{header}.{}.{}",
                encode(b"forged"),
                encode(&vec![0x5a; length])
            )
        })
        .to_vec()
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(pair) = KeyPair::from_pem(text) {
        let token = pair
            .sign("at+jwt", &"x")
            .expect("a key that was taken works");
        let parsed = Compact::parse(&token, 1024).expect("it was just made");
        assert!(parsed.verify(&pair.verifying).is_ok());
    }
    let Ok(keys) = KeySet::parse(text) else {
        return;
    };
    for forgery in FORGERIES.iter() {
        let parsed = Compact::parse(forgery, 1024).expect("its form is right");
        assert!(keys.verify(parsed).is_err(), "{forgery}");
    }
});
