//! `twofold verify-jws`: the product's own check of a signature, on any token and any key, for support and for test
//! vectors of others.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use crate::support::process::command;
use crate::support::tokens::{encode, signed_in_server};

/// RFC 8037 A.2 and A.4.
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const SIGNED_ED25519: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
/// RFC 7515 A.1 and A.3, which sign the same words.
const WORDS: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const HMAC: &str = r#"{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const SIGNED_HMAC: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const SIGNED_P256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// Exit code, standard output and error stream.
fn verify(key: &str, token: &[u8]) -> (Option<i32>, Vec<u8>, String) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("key");
    std::fs::write(&file, key).unwrap();
    let mut child = command(&directory, &[])
        .args(["verify-jws", "--key"])
        .arg(&file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever refuses early closes early.
    let _ = child.stdin.take().unwrap().write_all(token);
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), output.stdout, error)
}

fn assert_taken(key: &str, token: &str, payload: &str) {
    let (code, output, error) = verify(key, token.as_bytes());
    assert_eq!(code, Some(0), "{error} {token}");
    assert_eq!(output, payload.as_bytes(), "{token}");
}

fn assert_refused(key: &str, token: &[u8], words: &str) {
    let (code, output, error) = verify(key, token);
    assert_eq!(code, Some(1), "{error}");
    assert_eq!(output, b"");
    assert!(error.contains(words), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn the_examples_of_the_standards_are_taken() {
    assert_taken(ED25519, SIGNED_ED25519, "Example of Ed25519 signing");
    assert_taken(
        ED25519,
        &format!("{SIGNED_ED25519}\n"),
        "Example of Ed25519 signing",
    );
    assert_taken(HMAC, SIGNED_HMAC, WORDS);
    assert_taken(P256, SIGNED_P256, WORDS);
    assert_taken(
        &format!(r#"{{"keys":[{P256},{ED25519}]}}"#),
        SIGNED_P256,
        WORDS,
    );
}

#[test]
fn the_key_decides_and_one_changed_byte_is_one_too_many() {
    assert_refused(P256, SIGNED_ED25519.as_bytes(), "refused: the header's alg");
    assert_refused(ED25519, SIGNED_HMAC.as_bytes(), "refused: the header's alg");
    assert_refused(HMAC, SIGNED_P256.as_bytes(), "refused: the header's alg");
    let swapped = SIGNED_ED25519.replacen("RXhh", "RXhi", 1);
    assert_refused(
        ED25519,
        swapped.as_bytes(),
        "refused: the signature does not fit",
    );
    let none = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode("x"));
    for key in [ED25519, P256, HMAC] {
        assert_refused(key, none.as_bytes(), "refused: ");
    }
}

#[test]
fn what_is_no_token_or_no_key_is_refused_in_one_line() {
    let good = SIGNED_ED25519;
    for token in [
        "",
        "\n",
        "x",
        "..",
        &format!(" {good}"),
        &format!("{good}\n\n"),
        &format!("{good} "),
    ] {
        assert_refused(ED25519, token.as_bytes(), "refused: ");
    }
    assert_refused(ED25519, b"\xff\xfe", "standard input: not UTF-8");
    assert_refused(ED25519, &vec![b'A'; 1_100_000], "standard input: more than");
    for key in [
        "",
        "secret",
        "{}",
        "[]",
        "null",
        "-----BEGIN CERTIFICATE-----",
    ] {
        assert_refused(key, good.as_bytes(), "key: ");
    }
    assert_refused(
        r#"{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}"#,
        good.as_bytes(),
        "too short",
    );
    assert_refused(r#"{"kty":"oct","k":"c2VjcmV0"}"#, good.as_bytes(), "by alg");
}

#[tokio::test]
async fn a_token_of_ours_is_taken_with_the_key_that_is_published_and_with_the_key_file() {
    let (server, browser, mint) = signed_in_server().await;
    let request = browser.bare("GET", "/.well-known/jwks.json");
    let published = request.send().await.unwrap().text().await.unwrap();
    let keys = server.services.keys.current();
    let file = std::fs::read_to_string(&keys.newest().path).unwrap();

    for key in [published, file] {
        assert_taken(&key, &mint.token(), &mint.claims.to_string());
    }
}

#[tokio::test]
async fn both_names_of_ed25519_are_understood_unless_the_key_pins_one() {
    let (server, _browser, mint) = signed_in_server().await;
    let token = mint.with_header("alg", json!("Ed25519"));
    let keys = server.services.keys.current();
    let mut jwk = keys.newest().pair.public_jwk();

    assert_refused(&json!(jwk).to_string(), token.as_bytes(), "alg");
    jwk.remove("alg");
    assert_taken(&json!(jwk).to_string(), &token, &mint.claims.to_string());
    jwk.insert("alg".to_owned(), json!("Ed25519"));
    assert_taken(&json!(jwk).to_string(), &token, &mint.claims.to_string());
}
