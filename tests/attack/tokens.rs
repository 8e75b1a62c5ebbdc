//! The access token: forged, or another thing in its place. The program that owns it works before and after.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::catalogue::{Attack, Group};
use crate::forge::{Forger, decode, encode, part};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Means, Outcome, Trials, Verdict, brief, control};
use crate::support::Answer;
use crate::support::program::{ME, Program, ask_with};
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Access tokens: forgery",
    attacks: &[
        Attack::new(
            "alg none, in every spelling, with and without a signature",
            "JW-02",
            "401 `invalid_token`: the key decides the algorithm",
            |lab| Box::pin(unsigned(lab)),
        ),
        Attack::new(
            "HS256 with the public key of /.well-known/jwks.json as the secret",
            "JW-02",
            "401 `invalid_token`: the key decides the algorithm",
            |lab| Box::pin(confused_keys(lab)),
        ),
        Attack::new(
            "a kid that is a path, a query, another key",
            "JW-10",
            "401 `invalid_token`: a kid only picks from the loaded keys",
            |lab| Box::pin(kids(lab)),
        ),
        Attack::new(
            "the attacker's own key, brought along (jwk, jku, x5u, x5c), and crit, zip, b64",
            "JW-08, JW-09",
            "401 `invalid_token`: no other member is taken, and nothing is fetched",
            |lab| Box::pin(brought_keys(lab)),
        ),
        Attack::new(
            "claims rewritten under the true signature: another person, a later end, another typ",
            "JW-01",
            "401 `invalid_token`: the signature is checked first",
            |lab| Box::pin(rewritten(lab)),
        ),
        Attack::new(
            "every character of the token changed, one at a time",
            "JW-01",
            "401 `invalid_token`",
            |lab| Box::pin(flipped(lab)),
        ),
    ],
};

pub const INVALID: Means = Means::of(&[401], "invalid_token");

/// Asks with each of these tokens, between two calls with the true one.
pub async fn all_refused(lab: &Lab, program: &Program, tokens: Vec<(String, String)>) -> Verdict {
    let works = async |when| {
        let answer = program.ask("GET", ME).await;
        control(answer.status == 200, when, brief(&answer))
    };
    works("the true token works").await?;
    let mut trials = Trials::stopped_by("401 invalid_token");
    for (what, token) in &tokens {
        let answer = bearer(lab, token).await?;
        trials.judge(what, &answer, INVALID);
    }
    works("the true token still works").await?;
    trials.verdict()
}

/// The token may hold whatever a header can.
pub async fn bearer(lab: &Lab, token: &str) -> Result<Answer, Inconclusive> {
    let authorization = [b"Bearer ", token.as_bytes()].concat();
    let request = lab.browser().bare("GET", ME);
    let request = request.header("authorization", authorization);
    Ok(Answer::of(request.send().await?).await)
}

pub async fn forger(lab: &Lab) -> (Program, Forger) {
    let program = lab.program().await;
    let forger = Forger::with(&program.access_token);
    (program, forger)
}

async fn unsigned(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let claims = forger.claims.to_string();
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "none\0"] {
        let header = forger.header_with("alg", json!(alg));
        let bare = format!("{}.{}", encode(&header), encode(&claims));
        tokens.push((format!("{alg:?}, no signature"), format!("{bare}.")));
        tokens.push((format!("{alg:?}, two parts"), bare));
        let signed = forger.under_true_signature(&header, &claims);
        tokens.push((format!("{alg:?}, the true signature"), signed));
    }
    let header = json!({"alg": "none"}).to_string();
    tokens.push((
        "nothing but alg".to_owned(),
        format!("{}.{}.", encode(header), encode(&claims)),
    ));
    all_refused(&lab, &program, tokens).await
}

async fn confused_keys(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let document = ask_with(&lab.browser(), "GET", "/.well-known/jwks.json", &[]).await;
    let keys = document.json()["keys"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    control(!keys.is_empty(), "the keys are public", brief(&document))?;
    let mut secrets = vec![Vec::new(), document.body.clone().into_bytes()];
    for key in &keys {
        let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
        let (x, y) = (text("x"), text("y"));
        // RFC 8410 §4: what an Ed25519 key has before its 32 bytes.
        let der = [
            b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00",
            &decode(&x)[..],
        ]
        .concat();
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
        secrets.extend([
            decode(&x),
            [decode(&x), decode(&y)].concat(),
            x.clone().into_bytes(),
            der,
            pem.trim_end().as_bytes().to_vec(),
            pem.into_bytes(),
            key.to_string().into_bytes(),
            text("kid").into_bytes(),
        ]);
    }
    let mut tokens = Vec::new();
    for (index, secret) in secrets.iter().enumerate() {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header {
                typ: Some("at+jwt".to_owned()),
                kid: forger.header["kid"].as_str().map(str::to_owned),
                ..Header::new(algorithm)
            };
            let key = EncodingKey::from_secret(secret);
            let token = jsonwebtoken::encode(&header, &forger.claims, &key);
            let token = token.map_err(|error| Inconclusive(error.to_string()))?;
            tokens.push((format!("{algorithm:?} with secret {index}"), token));
        }
    }
    all_refused(&lab, &program, tokens).await
}

async fn kids(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let own = forger.header["kid"].as_str().unwrap_or_default().to_owned();
    let claims = forger.claims.to_string();
    let games = [
        json!(null),
        json!(0),
        json!([own]),
        json!(""),
        json!("other"),
        json!("../../../../etc/passwd"),
        json!("/dev/null"),
        json!("/proc/sys/kernel/randomize_va_space"),
        json!("' UNION SELECT 'x' --"),
        json!("x|whoami"),
        json!("https://evil.example/keys"),
        json!(format!("{own}\0")),
        json!(format!("{own}.pem")),
        json!(format!("{own} ")),
        json!("x".repeat(600)),
    ];
    let mut tokens = vec![(
        "the server's kid, another key".to_owned(),
        forger.sign(&forger.header.to_string(), &claims),
    )];
    for kid in games {
        let header = forger.header_with("kid", kid.clone());
        let what = crate::outcome::short(&kid.to_string());
        tokens.push((
            format!("{what}, signed by another"),
            forger.sign(&header, &claims),
        ));
        tokens.push((what, forger.under_true_signature(&header, &claims)));
    }
    all_refused(&lab, &program, tokens).await
}

async fn brought_keys(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/keys", listener.local_addr()?);
    let claims = forger.claims.to_string();
    let tokens = [
        ("jwk", forger.public_key()),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("cty", json!("JWT")),
    ]
    .into_iter()
    .flat_map(|(name, value)| {
        let header = forger.header_with(name, value);
        let true_signature = forger.under_true_signature(&header, &claims);
        [
            (name.to_owned(), forger.sign(&header, &claims)),
            (name.to_owned(), true_signature),
        ]
    });
    let verdict = all_refused(&lab, &program, tokens.collect()).await?;
    let visit = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
    if visit.is_ok() {
        let evidence = format!("the server came to {url}");
        return Ok(Outcome::Succeeded { evidence });
    }
    Ok(verdict)
}

async fn rewritten(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let other = lab.person().await?;
    let theirs = Program::sign_in_as(&*lab, &other.email).await;
    let victim = part(&theirs.access_token, 1);
    let header = forger.header.to_string();
    let later = |name: &str, seconds| json!(forger.claims[name].as_i64().unwrap_or(0) + seconds);
    let mut longer = forger.claims.clone();
    (longer["iat"], longer["exp"]) = (later("iat", 2), later("exp", 2));
    let mut texts = vec![
        (
            "all of another person's claims".to_owned(),
            victim.to_string(),
        ),
        ("two more seconds".to_owned(), longer.to_string()),
    ];
    for (name, value) in [
        ("exp", later("exp", 31_536_000)),
        ("exp", json!(253_402_300_799_i64)),
        ("exp", Value::Null),
        ("jti", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("sub", victim["sub"].clone()),
        ("sid", victim["sid"].clone()),
        ("iss", json!("https://evil.example")),
        ("aud", json!(["twofold", "evil"])),
        ("role", json!("admin")),
        ("cnf", json!({"jkt": "AAAA"})),
    ] {
        texts.push((name.to_owned(), forger.claims_with(name, value)));
    }
    let mut tokens = Vec::new();
    for (what, claims) in texts {
        let under = forger.under_true_signature(&header, &claims);
        tokens.push((format!("{what}, under the true signature"), under));
        tokens.push((
            format!("{what}, under another"),
            forger.sign(&header, &claims),
        ));
    }
    let claims = forger.claims.to_string();
    for typ in [
        json!("JWT"),
        json!("dpop+jwt"),
        json!("rt+jwt"),
        json!(""),
        Value::Null,
    ] {
        let header = forger.header_with("typ", typ.clone());
        tokens.push((
            format!("typ {typ}"),
            forger.under_true_signature(&header, &claims),
        ));
    }
    all_refused(&lab, &program, tokens).await
}

async fn flipped(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let tokens = (0..forger.token.len()).map(|index| {
        let mut bytes = forger.token.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let token = String::from_utf8_lossy(&bytes).into_owned();
        (format!("character {index}"), token)
    });
    all_refused(&lab, &program, tokens.collect()).await
}
