//! Tokens that are bound to a key of their client (DPoP, RFC 9449; RT-15): what is copied is worth nothing elsewhere. The JSON
//! API understands it in every build; what the browser does is in `end2end/tests/bound_token.spec.ts`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, Program, REFRESH, ask_with, assert_problem, post_json};
use crate::support::server::server_with_keyholder;

#[tokio::test]
async fn a_bound_token_is_good_with_a_proof_of_its_key_and_with_nothing_else() {
    let (server, mut holder) = server_with_keyholder().await;
    let mut thief = Keyholder::new(&server, 2);
    thief.access_token.clone_from(&holder.access_token);
    thief.nonce.clone_from(&holder.nonce);

    for scheme in ["Bearer", "DPoP"] {
        let authorization = format!("{scheme} {}", holder.access_token);
        let headers = [("authorization", authorization.as_str())];
        let bare = ask_with(&thief.browser, "GET", ME, &headers).await;
        assert_problem(&bare, 401, "invalid_token", scheme);
    }
    assert_problem(&thief.me().await, 401, "invalid_dpop_proof", "another key");
    assert_eq!(holder.me().await.status, 200);
    let claims = holder.access_token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["cnf"]["jkt"].as_str().unwrap().len(), 43);
}

#[tokio::test]
async fn a_proof_is_good_for_one_request_with_one_token() {
    let (_server, holder) = server_with_keyholder().await;
    let (header, claims) = (holder.header(), holder.claims("GET", ME));
    let origin = &holder.origin;

    let changed_claims = [
        ("htm", json!("POST")),
        ("htm", json!("get")),
        ("htu", json!(format!("{origin}/api/v1/sign-ins"))),
        ("htu", json!(format!("https://evil.example{ME}"))),
        ("htu", json!(ME)),
        ("ath", json!("AAAA")),
        ("ath", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(129))),
        ("jti", json!(7)),
        ("iat", json!("now")),
        ("iat", Value::Null),
    ];
    let changed_headers = [
        ("typ", json!("at+jwt")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("jwk", Value::Null),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("crit", json!(["x"])),
    ];
    let with = |base: &Value, name: &str, value: &Value| {
        let mut changed = base.clone();
        match value {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(name)),
            value => changed[name] = value.clone(),
        }
        changed
    };
    let mut proofs: Vec<_> = changed_claims
        .iter()
        .map(|(name, value)| holder.sign(&header, &with(&claims, name, value)))
        .collect();
    proofs.extend(
        changed_headers
            .iter()
            .map(|(name, value)| holder.sign(&with(&header, name, value), &claims)),
    );
    let mut private = header.clone();
    private["jwk"]["d"] = json!("AAAA");
    proofs.push(holder.sign(&private, &claims));
    proofs.extend(["x", "..", &"x".repeat(9_000)].map(str::to_owned));

    for proof in proofs {
        let answer = holder.me_with(&proof).await;
        assert_problem(&answer, 401, "invalid_dpop_proof", &proof);
    }
    let query = with(&claims, "htu", &json!(format!("{origin}{ME}?a=b#c")));
    let answer = holder.me_with(&holder.sign(&header, &query)).await;
    assert_eq!(
        answer.status, 200,
        "RFC 9449 §4.3: without query and fragment"
    );
}

#[tokio::test]
async fn two_proofs_are_none() {
    let (_server, holder) = server_with_keyholder().await;
    let authorization = format!("DPoP {}", holder.access_token);
    let (one, two) = (holder.proof_for("GET", ME), holder.proof_for("GET", ME));

    let headers = [
        ("authorization", authorization.as_str()),
        ("dpop", &one),
        ("dpop", &two),
    ];
    let answer = ask_with(&holder.browser, "GET", ME, &headers).await;

    assert_problem(&answer, 401, "invalid_dpop_proof", "two headers");
}

#[tokio::test]
async fn the_servers_nonce_says_when_a_proof_was_made_and_the_clients_clock_does_not() {
    let (server, mut holder) = server_with_keyholder().await;

    for ahead in [-3_600, 3_600] {
        let mut claims = holder.claims("GET", ME);
        claims["iat"] = json!(claims["iat"].as_i64().unwrap() + ahead);
        let proof = holder.sign(&holder.header(), &claims);
        assert_eq!(holder.me_with(&proof).await.status, 200, "{ahead}");
    }
    let old = holder.nonce.clone();
    server.let_pass(Duration::from_secs(200));
    let renewal = holder.renew().await;
    assert_eq!(renewal.status, 200, "good for five minutes");
    holder.keep(&renewal);
    server.let_pass(Duration::from_secs(110));
    for nonce in [&old, "", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u{e9}"] {
        nonce.clone_into(&mut holder.nonce);
        let answer = holder.me().await;
        assert_problem(&answer, 401, "use_dpop_nonce", nonce);
        assert!(answer.header("www-authenticate").contains("use_dpop_nonce"));
        assert_eq!(
            holder.me().await.status,
            200,
            "with the nonce that came along"
        );
    }
}

#[tokio::test]
async fn a_refresh_token_is_bound_as_well_and_a_copy_without_the_key_spends_nothing() {
    let (server, mut holder) = server_with_keyholder().await;
    let mut thief = Keyholder::new(&server, 2);
    thief.refresh_token.clone_from(&holder.refresh_token);
    thief.nonce.clone_from(&holder.nonce);

    let bare = json!({"refresh_token": holder.refresh_token});
    let bare = post_json(&thief.browser, REFRESH, &bare).await;
    assert_problem(&bare, 400, "invalid_grant", "no proof");
    assert_problem(&thief.renew().await, 400, "invalid_grant", "another key");

    let renewal = holder.renew().await;
    assert_eq!(renewal.status, 200, "{}", renewal.body);
    assert_eq!(renewal.json()["token_type"], "DPoP");
    holder.keep(&renewal);
    assert_eq!(holder.me().await.status, 200);
    let noted = server
        .select("SELECT event FROM audit_events WHERE event = 'proof_reused'")
        .await;
    assert_eq!(noted, Vec::<String>::new());
    let copy = "SELECT reason || ' ' || user_agent FROM audit_events WHERE event = 'proof_refused'";
    assert_eq!(server.select(copy).await, ["without_key "], "one a minute");
}

#[tokio::test]
async fn a_sign_in_from_before_is_bound_when_it_is_renewed_with_a_proof() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let program = Program::sign_in(&server).await;
    let mut holder = Keyholder::holding(&server, 1, &program.refresh_token).await;

    let renewal = holder.renew().await;
    holder.keep(&renewal);

    assert_eq!(renewal.json()["token_type"], "DPoP");
    assert_eq!(holder.me().await.status, 200);
    assert_problem(
        &program.ask("GET", ME).await,
        401,
        "invalid_token",
        "the unbound one",
    );
}

#[tokio::test]
async fn signing_out_with_a_copied_token_needs_the_key_too() {
    let (_server, mut holder) = server_with_keyholder().await;
    let authorization = format!("DPoP {}", holder.access_token);
    let headers = [("authorization", authorization.as_str())];

    let answer = ask_with(&holder.browser, "DELETE", "/api/v1/token", &headers).await;

    assert_problem(&answer, 401, "invalid_token", "no proof");
    assert_eq!(holder.me().await.status, 200);
}

#[tokio::test]
async fn an_operator_can_turn_it_off() {
    let off = [("TWOFOLD_BIND_TOKENS", "off")];
    let server = TestServer::start_with(&off, axum::Router::new()).await;
    server.browser().sign_up().await;
    let mut program = Program::sign_in(&server).await;

    let renewal = program.renew(&program.refresh_token, None).await;
    program.keep(&renewal);

    assert_eq!(renewal.json()["token_type"], "Bearer");
    assert_eq!(program.ask("GET", ME).await.status, 200);
    let page = server.browser().get("/sign-in").await;
    assert!(page.body.contains(r#"\"nonce\":null"#) || page.body.contains(r#""nonce":null"#));
}
