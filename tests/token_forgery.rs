//! Tokens that somebody forged, and bytes that never were tokens: all are the same 401, and nothing is fetched for them.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::EMAIL;
use crate::support::tokens::{assert_all_refused, encode, signed_in_server};

#[tokio::test]
async fn a_token_with_any_byte_changed_is_refused() {
    let (_server, browser, mint) = signed_in_server().await;
    let token = mint.token();

    let changed: Vec<_> = (0..token.len())
        .map(|index| {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            ("JW-01", String::from_utf8(bytes).unwrap())
        })
        .collect();

    assert_all_refused(&browser, &changed).await;
}

#[tokio::test]
async fn no_algorithm_but_the_keys_own_is_taken() {
    let (_server, browser, mint) = signed_in_server().await;
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", " none"] {
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": mint.header["kid"]});
        let unsigned = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(mint.claims.to_string())
        );
        tokens.push(("JW-02 none", format!("{unsigned}.")));
        tokens.push(("JW-02 none", unsigned));
        tokens.push((
            "JW-02 none, but signed",
            mint.with_header("alg", json!(alg)),
        ));
    }
    for alg in [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "ES512", "ES256K", "eddsa", "EDDSA", "Ed25519", "Ed448",
    ] {
        tokens.push(("JW-02 swapped", mint.with_header("alg", json!(alg))));
    }
    for alg in [json!(null), json!(["EdDSA"]), json!({"EdDSA": 1}), json!(8)] {
        tokens.push(("JW-02 type", mint.with_header("alg", alg)));
    }
    tokens.push(("JW-02 no alg", mint.without_header("alg")));
    tokens.push(("JW-02 another key", mint.token_of_another_key()));

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let (_server, browser, mint) = signed_in_server().await;
    let public = mint.public_key();
    // RFC 8410 §4: what an Ed25519 key has before its 32 bytes.
    let der = [
        b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
        &public[..],
    ]
    .concat();
    let jwks = browser
        .bare("GET", "/.well-known/jwks.json")
        .send()
        .await
        .unwrap();

    let secrets = [
        Vec::new(),
        public.to_vec(),
        encode(public).into_bytes(),
        der,
        jwks.bytes().await.unwrap().to_vec(),
    ];
    let mut tokens = Vec::new();
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header {
                typ: Some("at+jwt".into()),
                kid: mint.header["kid"].as_str().map(str::to_owned),
                ..Header::new(algorithm)
            };
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &mint.claims, &key).unwrap();
            tokens.push(("JW-02 key confusion", token));
        }
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn a_header_with_more_than_it_needs_is_refused_and_nothing_is_fetched() {
    let (_server, browser, mint) = signed_in_server().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(mint.public_key())});

    let tokens: Vec<_> = [
        ("JW-08 crit", "crit", json!(["exp"])),
        ("JW-08 crit", "crit", json!([])),
        ("JW-08 b64", "b64", json!(false)),
        ("JW-08 b64", "b64", json!(true)),
        ("JW-08 zip", "zip", json!("DEF")),
        ("JW-08 enc", "enc", json!("A256GCM")),
        ("JW-08 nested", "cty", json!("JWT")),
        ("JW-09 jwk", "jwk", jwk),
        ("JW-09 jku", "jku", json!(url)),
        ("JW-09 x5u", "x5u", json!(url)),
        ("JW-09 x5c", "x5c", json!(["MIIB"])),
        ("JW-09 x5t", "x5t", json!("AAAA")),
        ("JW-08 anything", "nonsense", json!(null)),
    ]
    .into_iter()
    .map(|(what, name, value)| (what, mint.with_header(name, value)))
    .collect();
    assert_all_refused(&browser, &tokens).await;

    let moment = std::time::Duration::from_millis(300);
    let visit = tokio::time::timeout(moment, listener.accept()).await;
    assert!(visit.is_err(), "JW-09: somebody came to {url}");
}

#[tokio::test]
async fn the_kid_is_a_name_and_nothing_else() {
    let (_server, browser, mint) = signed_in_server().await;
    let own = mint.header["kid"].as_str().unwrap();

    let mut tokens = vec![("JW-10 absent", mint.without_header("kid"))];
    for kid in [
        json!(null),
        json!(1),
        json!([own]),
        json!(""),
        json!("other"),
        json!("../../../../etc/passwd"),
        json!("/dev/null"),
        json!("' OR 1=1 --"),
        json!(format!("{own}\0")),
        json!(format!("{own}.pem")),
        json!(own.to_lowercase() + "x"),
        json!(own[..7]),
        json!("x".repeat(600)),
        json!("x".repeat(10_000)),
    ] {
        tokens.push(("JW-10", mint.with_header("kid", kid)));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn nothing_stands_twice_and_everything_is_encoded_in_one_way() {
    let (_server, browser, mint) = signed_in_server().await;
    let (token, claims) = (mint.token(), mint.claims.to_string());
    let header = mint.header.to_string();
    let twice = |json: &str, member: &str| format!("{},{member}}}", json.trim_end_matches('}'));
    let (start, last) = token.split_at(token.len() - 1);
    // The last character holds two bits of the signature: the other four must be zero.
    let stray = char::from(last.as_bytes()[0] + 1);
    let (encoded, payload) = (encode(&header), encode(&claims));

    let mut tokens = vec![
        (
            "JW-11",
            mint.sign(&twice(&header, r#""alg":"EdDSA""#), &claims),
        ),
        ("JW-11", mint.sign(&twice(&header, r#""kid":"x""#), &claims)),
        ("JW-11", mint.sign(&header, &twice(&claims, r#""sub":"x""#))),
        (
            "JW-11",
            mint.sign(&header, &twice(&claims, r#""\u0073ub":"x""#)),
        ),
        (
            "JW-11",
            mint.sign(&header, &twice(&claims, r#""role":1,"role":2"#)),
        ),
        ("JW-12 stray bits", format!("{start}{stray}")),
        (
            "JW-12 BOM",
            mint.sign(&header, &format!("\u{feff}{claims}")),
        ),
        (
            "JW-12 BOM",
            mint.sign(&format!("\u{feff}{header}"), &claims),
        ),
        (
            "JW-12 UTF-8",
            mint.sign_bytes(header.as_bytes(), b"{\"sub\":\"\xff\"}"),
        ),
        (
            "JW-12 UTF-8",
            mint.sign_bytes(b"{\"alg\":\"\xff\"}", claims.as_bytes()),
        ),
        (
            "JW-12 two texts",
            mint.sign(&header, &format!("{claims}{claims}")),
        ),
        ("JW-12 not an object", mint.sign("null", "[]")),
    ];
    for odd in ["=", "==", " ", "\t", "+", "/", "%3D", "#", "\u{e9}"] {
        // White space at the end of a header is no part of it (RFC 9110 §5.5).
        tokens.push(("JW-12 at the end", format!("{token}{odd}A")));
        tokens.push((
            "JW-12 signed",
            mint.sign_encoded(&format!("{encoded}{odd}"), &payload),
        ));
        tokens.push((
            "JW-12 signed",
            mint.sign_encoded(&encoded, &format!("{payload}{odd}")),
        ));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn other_forms_of_tokens_are_refused() {
    let (_server, browser, mint) = signed_in_server().await;
    let token = mint.token();
    let parts: Vec<_> = token.split('.').collect();
    let flat = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    let general = json!({"payload": parts[1], "signatures": [flat]});

    let tokens = [
        ("JW-08 empty", String::new()),
        ("JW-08 dots", "..".into()),
        ("JW-08 four dots", "....".into()),
        ("JW-08 no signature", format!("{}.{}.", parts[0], parts[1])),
        ("JW-08 two parts", format!("{}.{}", parts[0], parts[1])),
        ("JW-08 four parts", format!("{token}.AAAA")),
        ("JW-08 five parts, as JWE has", format!("{token}.AAAA.AAAA")),
        ("JW-08 flattened JSON", flat.to_string()),
        ("JW-08 general JSON", general.to_string()),
        ("JW-08 nested", mint.sign(&mint.header.to_string(), &token)),
        (
            "JW-08 nested",
            mint.sign(&mint.header.to_string(), &format!("\"{token}\"")),
        ),
        ("JW-08 SD-JWT", format!("{token}~")),
        ("garbage", "%%%".into()),
    ];

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn long_tokens_are_refused_before_they_are_read() {
    let (_server, mut browser, mint) = signed_in_server().await;
    let long = |length| mint.with_claim("jti", Value::from("x".repeat(length)));

    let tokens = [
        ("JW-13", long(900)),
        ("JW-13", long(9_000)),
        // With its base64url, what just fits into a head.
        ("JW-13", long(40_000)),
    ];
    assert_all_refused(&browser, &tokens).await;

    for _ in 0..3 {
        let request = browser
            .bare("POST", "/api/account")
            .header("authorization", format!("Bearer {}", "x".repeat(1_000_000)));
        let status = request
            .send()
            .await
            .map(|response| response.status().as_u16());
        assert!(matches!(status, Ok(431 | 401) | Err(_)), "JW-13 {status:?}");
    }
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}
