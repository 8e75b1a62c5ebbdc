//! Access tokens under the server's own signature that say what it never says. Only who started a server has its key, so
//! that an instance which runs already is spared them.

use std::sync::Arc;

use app::server::clock::Clock;
use serde_json::{Value, json};

use crate::catalogue::{Attack, Group};
use crate::forge::Forger;
use crate::lab::Lab;
use crate::outcome::{Verdict, brief, control, not_tried};
use crate::tokens::{all_refused, bearer};

pub const GROUP: Group = Group {
    title: "Access tokens: signed by the server's own key",
    attacks: &[
        Attack::new(
            "a token of another type (typ)",
            "JW-07",
            "401 `invalid_token`: an access token says at+jwt",
            |lab| Box::pin(types(lab)),
        ),
        Attack::new(
            "a token of another issuer, or for another audience (iss, aud)",
            "JW-03",
            "401 `invalid_token`: both are there, and ours",
            |lab| Box::pin(issuers(lab)),
        ),
        Attack::new(
            "a token that has run out, has not begun, or goes on for a year (exp, iat, nbf)",
            "JW-04, JW-05, JW-06",
            "401 `invalid_token`",
            |lab| Box::pin(times(lab)),
        ),
        Attack::new(
            "a token that lacks a claim, or has it in another type",
            "JW-04",
            "401 `invalid_token`",
            |lab| Box::pin(claims(lab)),
        ),
    ],
};

const NO_KEY: &str = "only who started a server has its key; the lab has that of its own";

/// What is tried, with the header and the claims that say so.
type Text = (String, String, String);

async fn all_signed(lab: &Lab, texts: impl Fn(&Forger) -> Vec<Text>) -> Verdict {
    let Some(keys) = &lab.keys else {
        return Ok(not_tried(NO_KEY));
    };
    let program = lab.program().await;
    let forger = keys.forger(&program.access_token);
    let same = forger.sign(&forger.header.to_string(), &forger.claims.to_string());
    let answer = bearer(lab, &same).await?;
    control(
        answer.status == 200,
        "what the server would sign",
        brief(&answer),
    )?;
    let tokens = texts(&forger).into_iter();
    let tokens = tokens.map(|(what, header, claims)| (what, forger.sign(&header, &claims)));
    all_refused(lab, &program, tokens.collect()).await
}

/// The true token with one claim changed.
fn with_claim(forger: &Forger, name: &str, value: Value) -> Text {
    let what = format!("{name} {value}");
    (
        what,
        forger.header.to_string(),
        forger.claims_with(name, value),
    )
}

async fn types(lab: Arc<Lab>) -> Verdict {
    let typs = [
        json!("JWT"),
        json!("dpop+jwt"),
        json!("rt+jwt"),
        json!("id+jwt"),
        json!("at"),
        json!(""),
        json!(["at+jwt"]),
        Value::Null,
    ];
    let texts = |forger: &Forger| {
        let texts = typs.iter().map(|typ| {
            let header = forger.header_with("typ", typ.clone());
            (format!("typ {typ}"), header, forger.claims.to_string())
        });
        let mut texts: Vec<_> = texts.collect();
        let header = without(&forger.header, "typ");
        texts.push(("no typ".to_owned(), header, forger.claims.to_string()));
        texts
    };
    all_signed(&lab, texts).await
}

async fn issuers(lab: Arc<Lab>) -> Verdict {
    let texts = |forger: &Forger| {
        let iss = forger.claims["iss"].as_str().unwrap_or_default();
        let values = [
            ("iss", json!("https://evil.example")),
            ("iss", json!(format!("{iss}/"))),
            ("iss", json!(format!("{iss}.evil.example"))),
            ("iss", json!(["https://evil.example", iss])),
            ("iss", json!("")),
            ("aud", json!("evil")),
            ("aud", json!("twofold2")),
            ("aud", json!("TWOFOLD")),
            ("aud", json!(["evil"])),
            ("aud", json!([])),
            ("aud", json!("")),
            ("aud", json!(5)),
        ];
        let texts = values.into_iter();
        let texts = texts.map(|(name, value)| with_claim(forger, name, value));
        texts.collect()
    };
    all_signed(&lab, texts).await
}

async fn times(lab: Arc<Lab>) -> Verdict {
    const HOUR: i64 = 60 * 60;
    const YEAR: i64 = 365 * 24 * HOUR;
    let texts = |forger: &Forger| {
        let now = Clock::default().now().0;
        // Each lasts five minutes, as a true one does, but for the last two.
        let spans = [
            ("over for half a minute", now - 331, now - 31),
            ("over for an hour", now - HOUR - 300, now - HOUR),
            ("over before it began", now, now - 300),
            ("begun in an hour", now + HOUR, now + HOUR + 300),
            ("good for a year", now, now + YEAR),
            ("good until the year 9999", now, 253_402_300_799),
        ];
        let texts = spans.into_iter().map(|(what, iat, exp)| {
            let mut claims = forger.claims.clone();
            (claims["iat"], claims["exp"]) = (json!(iat), json!(exp));
            let header = forger.header.to_string();
            (what.to_owned(), header, claims.to_string())
        });
        let not_before = [now + HOUR, now + YEAR];
        let not_before = not_before.map(|nbf| with_claim(forger, "nbf", json!(nbf)));
        texts.chain(not_before).collect()
    };
    all_signed(&lab, texts).await
}

async fn claims(lab: Arc<Lab>) -> Verdict {
    let texts = |forger: &Forger| {
        let names = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"];
        let texts = names.into_iter().flat_map(|name| {
            let header = forger.header.to_string();
            let lacking = without(&forger.claims, name);
            [
                (format!("no {name}"), header, lacking),
                with_claim(forger, name, Value::Null),
                with_claim(forger, name, json!({"is": forger.claims[name]})),
            ]
        });
        let texts = texts.chain([
            with_claim(forger, "exp", json!(forger.claims["exp"].to_string())),
            with_claim(forger, "role", json!("admin")),
        ]);
        texts.collect()
    };
    all_signed(&lab, texts).await
}

fn without(object: &Value, name: &str) -> String {
    let mut lacking = object.clone();
    if let Some(members) = lacking.as_object_mut() {
        members.remove(name);
    }
    lacking.to_string()
}
