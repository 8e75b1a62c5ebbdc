//! The access token written otherwise, sent otherwise, and other things that are sent in its place.

use std::sync::Arc;

use serde_json::json;

use crate::catalogue::{Attack, Group};
use crate::forge::{Forger, encode};
use crate::lab::Lab;
use crate::outcome::{Means, Trials, Verdict, brief, control};
use crate::support::Answer;
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, SIGN_INS, ask_with};
use crate::support::reachable::Reachable;
use crate::tokens::{INVALID, all_refused, bearer, forger};

pub const GROUP: Group = Group {
    title: "Access tokens: spelling and sending",
    attacks: &[
        Attack::new(
            "the same bytes in another base64url: padding, white space, stray bits",
            "JW-12, RT-08",
            "401 `invalid_token`: there is one spelling",
            |lab| Box::pin(spellings(lab)),
        ),
        Attack::new(
            "members that stand twice, a byte order mark, two texts in one",
            "JW-11, JW-12",
            "401 `invalid_token`",
            |lab| Box::pin(doubled(lab)),
        ),
        Attack::new(
            "other forms: JSON serialisations, JWE, nested, SD-JWT, cut off",
            "JW-08",
            "401 `invalid_token`",
            |lab| Box::pin(forms(lab)),
        ),
        Attack::new(
            "a refresh token, a proof, the id of a sign-in or a cookie as a bearer",
            "JW-07",
            "401 `invalid_token`",
            |lab| Box::pin(in_its_place(lab)),
        ),
        Attack::new(
            "a token of 9 KB, 50 KB and 100 KB",
            "JW-13",
            "401 `invalid_token` before it is read, or 431",
            |lab| Box::pin(long_ones(lab)),
        ),
        Attack::new(
            "the token in the address, the body or a cookie, and two headers at once",
            "JW-14",
            "401: exactly one Authorization header counts",
            |lab| Box::pin(other_places(lab)),
        ),
    ],
};

async fn spellings(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let token = &forger.token;
    let (start, last) = token.split_at(token.len() - 1);
    let parts: Vec<_> = token.split('.').collect();
    let mut tokens = Vec::new();
    // The last character of an Ed25519 signature holds two of its bits, that of a P-256 one as well: the other four are stray.
    for stray in 1..16_u8 {
        let changed = stray_bits(last, stray);
        tokens.push((format!("stray bits {stray}"), format!("{start}{changed}")));
    }
    for odd in [
        "=", "==", " ", "\t", "+", "/", "%3D", "#", "\u{e9}", "\u{200b}", "\u{feff}",
    ] {
        for (header, claims, signature) in
            [(odd, "", ""), ("", odd, ""), ("", "", &*format!("{odd}A"))]
        {
            let text = format!(
                "{}{header}.{}{claims}.{}{signature}",
                parts[0], parts[1], parts[2]
            );
            tokens.push((format!("{odd:?} at an end"), text));
        }
    }
    tokens.push(("padded".to_owned(), format!("{token}==")));
    tokens.push(("in quotes".to_owned(), format!("\"{token}\"")));
    tokens.push(("twice".to_owned(), format!("{token} {token}")));
    tokens.push((
        "after a comma".to_owned(),
        format!("{token}, Bearer {token}"),
    ));
    all_refused(&lab, &program, tokens).await
}

fn stray_bits(last: &str, stray: u8) -> char {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = ALPHABET
        .iter()
        .position(|letter| [*letter] == *last.as_bytes());
    let bits = index.unwrap_or_default() | usize::from(stray);
    char::from(ALPHABET[bits])
}

async fn doubled(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let (header, claims) = (forger.header.to_string(), forger.claims.to_string());
    let twice = |json: &str, member: &str| format!("{},{member}}}", json.trim_end_matches('}'));
    let sub = r#""sub":"AAAAAAAAAAAAAAAAAAAAAA""#;
    let texts = [
        (
            "alg twice",
            twice(&header, r#""alg":"none""#),
            claims.clone(),
        ),
        ("kid twice", twice(&header, r#""kid":"x""#), claims.clone()),
        ("sub twice", header.clone(), twice(&claims, sub)),
        (
            "sub twice, escaped",
            header.clone(),
            twice(&claims, &sub.replace("sub", "\\u0073ub")),
        ),
        (
            "byte order mark",
            header.clone(),
            format!("\u{feff}{claims}"),
        ),
        (
            "byte order mark",
            format!("\u{feff}{header}"),
            claims.clone(),
        ),
        ("two texts", header.clone(), format!("{claims}{claims}")),
        ("no object", "null".to_owned(), "[]".to_owned()),
    ];
    let tokens = texts.into_iter().flat_map(|(what, header, claims)| {
        let under = forger.under_true_signature(&header, &claims);
        [
            (what.to_owned(), under),
            (what.to_owned(), forger.sign(&header, &claims)),
        ]
    });
    all_refused(&lab, &program, tokens.collect()).await
}

async fn forms(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let token = &forger.token;
    let parts: Vec<_> = token.split('.').collect();
    let flat = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
    let general = json!({"payload": parts[1], "signatures": [flat]});
    let tokens = [
        ("empty", String::new()),
        ("dots", "..".into()),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{token}.AAAA")),
        ("five parts, as JWE has", format!("{token}.AAAA.AAAA")),
        ("flattened JSON", flat.to_string()),
        ("general JSON", general.to_string()),
        ("nested", forger.sign(&forger.header.to_string(), token)),
        ("SD-JWT", format!("{token}~")),
        ("cut off", token[..token.len() / 2].to_owned()),
        ("one character less", token[..token.len() - 1].to_owned()),
        (
            "the signature of nothing",
            format!("{}.{}.AAAA", parts[0], parts[1]),
        ),
    ];
    let tokens = tokens.map(|(what, token)| (what.to_owned(), token));
    all_refused(&lab, &program, tokens.into()).await
}

async fn in_its_place(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let rows = program.ask("GET", SIGN_INS).await;
    let id = rows.json()[0]["id"].as_str().unwrap_or_default().to_owned();
    let holder = Keyholder::new(&*lab, 9);
    let claims = forger.claims.to_string();
    let id_token = json!({"alg": "EdDSA", "typ": "JWT"}).to_string();
    let mut tokens = vec![
        ("a refresh token".to_owned(), program.refresh_token.clone()),
        ("the id of a sign-in".to_owned(), id),
        (
            "a proof of possession".to_owned(),
            holder.proof_for("GET", ME),
        ),
        (
            "an identity token".to_owned(),
            forger.sign(&id_token, &claims),
        ),
        (
            "the person's id".to_owned(),
            forger.claims["sub"].to_string(),
        ),
        (
            "the token's id".to_owned(),
            forger.claims["jti"].to_string(),
        ),
    ];
    for (name, (value, _)) in lab.sign_in().await?.cookies {
        tokens.push((format!("the cookie {name}"), value));
    }
    all_refused(&lab, &program, tokens).await
}

async fn long_ones(lab: Arc<Lab>) -> Verdict {
    let (program, forger) = forger(&lab).await;
    let true_one = program.ask("GET", ME).await;
    control(true_one.status == 200, "the true token", brief(&true_one))?;
    let mut trials = Trials::stopped_by("401 invalid_token, or 431");
    for length in [9_000, 50_000, 100_000] {
        let claims = forger.claims_with("jti", json!("x".repeat(length)));
        for token in [
            forger.sign(&forger.header.to_string(), &claims),
            "x".repeat(length),
            format!("{}.{}.{}", encode("{}"), "A".repeat(length), encode("x")),
        ] {
            let answer = bearer(&lab, &token).await?;
            let what = format!("{} bytes", token.len());
            if answer.status.as_u16() == 431 {
                trials.stopped(format!("{what}: 431"));
            } else {
                trials.judge(what, &answer, INVALID);
            }
        }
    }
    let after = program.ask("GET", ME).await;
    control(after.status == 200, "and it goes on", brief(&after))?;
    trials.verdict()
}

async fn other_places(lab: Arc<Lab>) -> Verdict {
    let (program, Forger { token, .. }) = forger(&lab).await;
    let true_one = program.ask("GET", ME).await;
    control(true_one.status == 200, "the true token", brief(&true_one))?;
    let refused = Means::of(&[400, 401], "");
    let mut trials = Trials::stopped_by("401");
    for path in [
        format!("{ME}?access_token={token}"),
        format!("{ME}?token={token}&bearer={token}&authorization=Bearer%20{token}"),
    ] {
        let answer = ask_with(&lab.browser(), "GET", &path, &[]).await;
        trials.judge("in the address", &answer, refused);
    }
    let (good, bad) = (format!("Bearer {token}"), "Bearer x".to_owned());
    let cookie = format!("access_token={token}; token={token}; __Host-session={token}");
    for (what, headers) in [
        ("in a cookie", vec![("cookie", &cookie)]),
        (
            "good and bad",
            vec![("authorization", &good), ("authorization", &bad)],
        ),
        (
            "bad and good",
            vec![("authorization", &bad), ("authorization", &good)],
        ),
        (
            "twice",
            vec![("authorization", &good), ("authorization", &good)],
        ),
        (
            "in another header",
            vec![("x-access-token", &token), ("proxy-authorization", &good)],
        ),
    ] {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = ask_with(&lab.browser(), "GET", ME, &headers).await;
        trials.judge(what, &answer, refused);
    }
    let request = lab.browser().bare("POST", "/api/account");
    let request = request.header("sec-fetch-site", "same-origin");
    let request = request.form(&[("access_token", token.as_str()), ("token", &token)]);
    let answer = Answer::of(request.send().await?).await;
    trials.judge("in the body", &answer, refused);
    trials.verdict()
}
