//! The bearer token in the `Authorization` header: what is taken, and that everything else is the same 401.
//! The stock library takes most of the tokens below (T26).

use serde_json::json;

use crate::support::tokens::{Mint, encode};
use crate::support::{Answer, Browser, EMAIL, TestServer};

async fn asked_with(browser: &Browser, authorization: &str) -> Answer {
    let request = browser
        .bare("POST", "/api/account")
        .header("authorization", authorization)
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.send().await.unwrap()).await
}

async fn signed_in_server() -> (TestServer, Browser, Mint) {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mint = Mint::of(&server).await;
    (server, browser, mint)
}

async fn assert_all_refused(browser: &Browser, tokens: &[(&str, String)]) {
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

#[tokio::test]
async fn a_token_as_the_server_signs_it_is_taken() {
    let (_server, browser, mint) = signed_in_server().await;

    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = asked_with(&browser, &format!("{scheme} {}", mint.token())).await;
        assert_eq!(answer.json()["email"], EMAIL, "JW-14 {scheme}");
    }
}

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
        .filter(|(_, changed)| *changed != token)
        .collect();

    assert_all_refused(&browser, &changed).await;
}

#[tokio::test]
async fn unsigned_and_re_signed_tokens_are_refused() {
    let (_server, browser, mint) = signed_in_server().await;
    let claims = encode(&mint.claims.to_string());
    let none = |alg: &str| encode(&json!({"typ": "at+jwt", "alg": alg}).to_string());
    let hmac = jsonwebtoken::encode(
        &jsonwebtoken::Header {
            typ: Some("at+jwt".into()),
            kid: Some(mint.header["kid"].as_str().unwrap().into()),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
        },
        &mint.claims,
        &jsonwebtoken::EncodingKey::from_secret(b""),
    );
    let mut tokens: Vec<_> = ["none", "None", "NONE", "nOnE", ""]
        .iter()
        .flat_map(|alg| {
            let head = format!("{}.{claims}", none(alg));
            [("JW-02 none", format!("{head}.")), ("JW-02 none", head)]
        })
        .collect();
    tokens.push(("JW-02 empty HMAC secret", hmac.unwrap()));
    tokens.push(("JW-02 another key", mint.token_of_another_key()));
    for alg in ["HS256", "RS256", "ES256", "PS512", "eddsa", "Ed25519"] {
        tokens.push(("JW-02 swapped", mint.with_header("alg", json!(alg))));
    }
    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn claims_must_be_there_be_ours_and_have_their_type() {
    let (_server, browser, mint) = signed_in_server().await;
    let iat = mint.claims["iat"].as_i64().unwrap();

    let mut tokens: Vec<_> = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]
        .iter()
        .map(|name| (*name, mint.without_claim(name)))
        .collect();
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(["https://evil.example"])),
        ("aud", json!("other")),
        ("aud", json!(5)),
        ("aud", json!(null)),
        ("sub", json!("somebody-else")),
        ("sid", json!("no-such-sign-in")),
        ("sid", json!("")),
        ("exp", json!(iat - 6)),
        ("exp", json!(iat + 100_000)),
        ("exp", json!((iat + 300).to_string())),
        ("exp", json!(9e300)),
        ("iat", json!(iat + 3600)),
        ("iat", json!(-1)),
        ("nbf", json!(iat + 31_536_000)),
        ("role", json!("admin")),
    ] {
        tokens.push((name, mint.with_claim(name, value)));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn the_header_must_be_ours_to_the_member() {
    let (_server, browser, mint) = signed_in_server().await;

    let mut tokens = Vec::new();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!(null)),
        ("kid", json!("other")),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("' OR 1=1 --")),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("jwk", json!({"kty": "OKP"})),
        ("x5u", json!("http://127.0.0.1:1/x")),
    ] {
        tokens.push((name, mint.with_header(name, value)));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn malformed_oversized_and_doubled_tokens_are_refused() {
    let (_server, browser, mint) = signed_in_server().await;
    let token = mint.token();
    let claims = mint.claims.to_string();
    let doubled = format!("{},\"sub\":\"x\"}}", claims.trim_end_matches('}'));

    let tokens = [
        ("empty", String::new()),
        ("dots", "..".into()),
        ("two parts", token.rsplit_once('.').unwrap().0.into()),
        ("four parts", format!("{token}.AAAA")),
        ("five parts", "a.b.c.d.e".into()),
        ("padding", format!("{token}=")),
        ("space", format!("{token} x")),
        ("JSON form", r#"{"payload":"x","signatures":[]}"#.into()),
        (
            "duplicate member",
            mint.sign(&mint.header.to_string(), &doubled),
        ),
        ("not JSON", mint.sign("null", "[]")),
        (
            "byte order mark",
            mint.sign(&mint.header.to_string(), &format!("\u{feff}{claims}")),
        ),
        ("9 KB", mint.with_claim("jti", json!("x".repeat(9_000)))),
        ("garbage", "%%%".into()),
    ];

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn a_megabyte_of_token_is_refused_and_the_server_goes_on() {
    let (_server, mut browser, _) = signed_in_server().await;

    let request = browser
        .bare("POST", "/api/account")
        .header("authorization", format!("Bearer {}", "x".repeat(1_000_000)));
    let status = request
        .send()
        .await
        .map(|response| response.status().as_u16());

    assert!(matches!(status, Ok(431 | 401) | Err(_)), "{status:?}");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_token_anywhere_else_than_in_one_header_is_not_looked_at() {
    let (_server, browser, mint) = signed_in_server().await;
    let token = mint.token();
    let form = [("access_token", token.as_str())];

    let in_url = browser
        .bare("POST", &format!("/api/account?access_token={token}"))
        .form(&[("a", "b")]);
    let in_body = browser.bare("POST", "/api/account").form(&form);
    let twice = browser
        .bare("POST", "/api/account")
        .header("authorization", format!("Bearer {token}"))
        .header("authorization", format!("Bearer {token}"))
        .form(&[("a", "b")]);

    for request in [in_url, in_body, twice] {
        assert_eq!(request.send().await.unwrap().status(), 401, "JW-14");
    }
}
