//! The bearer token in the `Authorization` header: what is taken, and that everything else is the same 401. The stock
//! library takes most of the tokens below (T26). What forgers do is in `token_forgery`.

use serde_json::{Value, json};

use crate::support::server::server_with_program;
use crate::support::tokens::{asked_with, assert_all_refused, part, signed_in_server};
use crate::support::{EMAIL, PASSWORD};

#[tokio::test]
async fn a_token_as_the_server_signs_it_is_taken() {
    let (_server, browser, mint) = signed_in_server().await;

    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = asked_with(&browser, &format!("{scheme} {}", mint.token())).await;
        assert_eq!(answer.json()["email"], EMAIL, "JW-14 {scheme}");
    }
}

#[tokio::test]
async fn the_issuer_and_the_audience_must_be_there_and_be_ours() {
    let (_server, browser, mint) = signed_in_server().await;
    let iss = mint.claims["iss"].clone();

    let mut tokens = vec![
        ("JW-03 no iss", mint.without_claim("iss")),
        ("JW-03 no aud", mint.without_claim("aud")),
    ];
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{}/", iss.as_str().unwrap()))),
        ("iss", json!(["https://evil.example", iss])),
        ("iss", json!(null)),
        ("iss", json!(5)),
        ("iss", json!({})),
        ("aud", json!("other")),
        ("aud", json!("")),
        ("aud", json!("Twofold")),
        ("aud", json!(5)),
        ("aud", json!(null)),
        ("aud", json!([])),
        ("aud", json!(["other"])),
    ] {
        tokens.push(("JW-03", mint.with_claim(name, value)));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn every_claim_must_be_there_and_have_its_type() {
    let (_server, browser, mint) = signed_in_server().await;
    let (iat, exp) = (&mint.claims["iat"], &mint.claims["exp"]);

    let mut tokens = Vec::new();
    for name in ["sub", "sid", "jti", "iat", "exp"] {
        tokens.push(("JW-04 missing", mint.without_claim(name)));
        for value in [json!(null), json!([]), json!({}), json!(true)] {
            tokens.push(("JW-04 type", mint.with_claim(name, value)));
        }
    }
    for (name, value) in [
        ("sub", json!(1)),
        ("sub", json!("")),
        ("sub", json!("somebody-else")),
        ("sid", json!("no-such-sign-in")),
        ("sid", json!("")),
        ("jti", json!(1)),
        ("exp", json!(exp.to_string())),
        ("exp", json!(exp.as_f64().unwrap() + 0.5)),
        ("exp", json!(9e300)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(-1)),
        ("iat", json!(iat.to_string())),
        ("iat", json!(iat.as_f64().unwrap() + 0.5)),
        ("iat", json!(i64::MIN)),
        ("iat", json!(-1)),
        ("role", json!("admin")),
    ] {
        tokens.push(("JW-04", mint.with_claim(name, value)));
    }

    assert_all_refused(&browser, &tokens).await;
}

#[tokio::test]
async fn a_token_lives_as_long_as_ours_do_and_only_now() {
    const YEAR: i64 = 365 * 24 * 60 * 60;
    const YEAR_9999: i64 = 253_402_300_799;
    let (_server, browser, mint) = signed_in_server().await;
    let now = mint.claims["iat"].as_i64().unwrap();

    let tokens = [
        ("JW-04 too long", mint.with_times(now, now + 301)),
        ("JW-04 for ever", mint.with_times(now, YEAR_9999)),
        ("JW-04 backwards", mint.with_times(now, now - 1)),
        ("JW-04 no time at all", mint.with_times(now, now)),
        (
            "JW-05 iat tomorrow",
            mint.with_times(now + 86_400, now + 86_700),
        ),
        (
            "JW-05 iat in a minute",
            mint.with_times(now + 60, now + 120),
        ),
        ("JW-05 nbf", mint.with_claim("nbf", json!(now + YEAR))),
        ("JW-05 nbf", mint.with_claim("nbf", json!(now + 31))),
        ("JW-05 nbf type", mint.with_claim("nbf", json!(null))),
        ("JW-05 nbf type", mint.with_claim("nbf", json!("0"))),
        ("JW-05 nbf type", mint.with_claim("nbf", json!(0.5))),
        ("JW-06 leeway", mint.with_times(now - 331, now - 31)),
        ("JW-06 leeway", mint.with_times(now - 310, now - 10)),
    ];

    assert_all_refused(&browser, &tokens).await;
    let past = mint.with_claim("nbf", json!(now - 1));
    let answer = asked_with(&browser, &format!("Bearer {past}")).await;
    assert_eq!(answer.status, 200, "JW-05 nbf in the past");
}

#[tokio::test]
async fn a_token_for_one_place_is_worth_nothing_in_another() {
    let (_server, mut browser, mint) = signed_in_server().await;
    let mut tokens = Vec::new();
    for typ in ["JWT", "jwt", "rt+jwt", "at+JWT", "application/at+jwt", ""] {
        tokens.push(("JW-07 typ", mint.with_header("typ", json!(typ))));
    }
    tokens.push(("JW-07 no typ", mint.without_header("typ")));
    for (value, _) in browser.cookies.values() {
        tokens.push(("JW-07 a cookie's value", value.clone()));
    }
    assert!(tokens.len() > 7, "either mode sets a cookie");

    assert_all_refused(&browser, &tokens).await;

    for name in ["__Secure-refresh", "__Host-session"] {
        browser.cookies.clear();
        browser.token = None;
        let cookie = (mint.token(), "/".to_owned());
        browser.cookies.insert(name.to_owned(), cookie);
        let renewed = browser.call("/api/refresh", &[]).await;
        assert_eq!(renewed.error(), "signed_out", "JW-07 as {name}");
        assert_eq!(browser.viewer().await, None, "JW-07 as {name}");
    }
}

#[tokio::test]
async fn a_token_anywhere_else_than_in_one_header_is_not_looked_at() {
    let (_server, browser, mint) = signed_in_server().await;
    let token = mint.token();
    let post = |path: &str| {
        browser
            .bare("POST", path)
            .header("sec-fetch-site", "same-origin")
            .form(&[("a", "b")])
    };
    let with = |value: String| post("/api/account").header("authorization", value);

    let requests = [
        post(&format!("/api/account?access_token={token}")),
        post("/api/account").form(&[("access_token", &token)]),
        post("/api/account").header("cookie", format!("access_token={token}")),
        with(format!("Bearer {token}")).header("authorization", format!("Bearer {token}")),
        with(format!("Bearer {token} b")),
        with(format!("Bearer  {token}")),
        with(format!("Bearer\t{token}")),
        with(format!("Bearer {token}, Bearer {token}")),
        with(format!("Bearer:{token}")),
        with("Bearer".to_owned()),
        with(token.clone()),
        with(format!("Basic {token}")),
        with(format!("DPoP {token}")),
    ];

    for request in requests {
        assert_eq!(request.send().await.unwrap().status(), 401, "JW-14");
    }
}

#[tokio::test]
async fn a_token_says_who_it_is_for_and_nothing_about_the_person() {
    let (_server, browser, mint) = signed_in_server().await;
    let answer = asked_with(&browser, &format!("Bearer {}", mint.token())).await;

    let claims = mint.claims.to_string().to_lowercase();

    assert_eq!(answer.status, 200, "the server signs exactly these claims");
    assert_eq!(mint.claims.as_object().unwrap().len(), 7, "JW-18");
    for personal in [EMAIL, "ada", PASSWORD, "role", "email", "name"] {
        assert!(!claims.contains(personal), "JW-18 {personal}");
    }
}

#[tokio::test]
async fn a_missing_or_expired_token_is_a_401_and_a_forbidden_request_a_403() {
    let (_server, browser, mint) = signed_in_server().await;
    let now = mint.claims["iat"].as_i64().unwrap();
    let call = |site| {
        browser
            .bare("POST", "/api/sign_out")
            .header("sec-fetch-site", site)
            .form(&[("a", "b")])
    };

    let missing = browser.bare("POST", "/api/account").form(&[("a", "b")]);
    let expired = mint.with_times(now - 400, now - 100);
    let expired = asked_with(&browser, &format!("Bearer {expired}")).await;
    let forbidden = call("cross-site").bearer_auth(mint.token());

    assert_eq!(missing.send().await.unwrap().status(), 401, "JW-22");
    assert_eq!(expired.status, 401, "JW-22");
    assert_eq!(forbidden.send().await.unwrap().status(), 403, "JW-22");
}

#[test]
fn one_crypto_backend_signs_and_checks_tokens() {
    // JW-17: without one the library panics at its first use, with two it does as well; before 10.3 it skipped claims.
    let lock = include_str!("../Cargo.lock");
    let entry = |name: &str| {
        let start = format!("name = \"{name}\"\nversion = \"");
        let (_, rest) = lock.split_once(&start)?;
        Some(
            rest.split("[[package]]")
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let library = entry("jsonwebtoken").unwrap();
    let major: u32 = library.split('.').next().unwrap().parse().unwrap();

    assert!(major >= 11, "{library}");
    assert!(
        library.contains("ed25519-dalek") && library.contains("p256"),
        "{library}"
    );
    assert_eq!(entry("aws-lc-rs"), None);
}

#[tokio::test]
async fn what_the_server_signs_has_these_members_and_no_other_in_every_build() {
    let (server, program) = server_with_program().await;

    let (header, claims) = (
        part(&program.access_token, 0),
        part(&program.access_token, 1),
    );

    let names = |part: &Value| {
        part.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&header), ["alg", "kid", "typ"], "JW-18");
    assert_eq!(
        names(&claims),
        ["aud", "exp", "iat", "iss", "jti", "sid", "sub"],
        "JW-18"
    );
    // What it names are random ids, the same that the rows have.
    let told = [&claims["sub"], &claims["sid"]].map(|id| id.as_str().unwrap());
    let rows = "SELECT user_id || ' ' || id FROM sign_ins";
    let ids = server.select(rows).await;
    assert!(ids.contains(&told.join(" ")), "JW-18 {told:?}");
    let lives = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!((&claims["aud"], lives), (&"twofold".into(), 300));
    assert_eq!(claims["iss"], server.origin());
}
