//! A token that is bound to its client's key (DPoP, RFC 9449), stolen with and without a proof.

use std::sync::Arc;
use std::time::Duration;

use app::server::clock::Clock;
use serde_json::{Value, json};

use crate::catalogue::{Attack, Group};
use crate::forge::part;
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Means, Trials, Verdict, brief, control, not_tried};
use crate::own_keys::OwnKeys;
use crate::support::Answer;
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, REFRESH, SIGN_INS, ask_with, post_json};

pub const GROUP: Group = Group {
    title: "Stolen tokens",
    attacks: &[
        Attack::new(
            "a bound token, stolen without its key",
            "RT-15",
            "401: no proof, or the proof of another key",
            |lab| Box::pin(without_key(lab)),
        ),
        Attack::new(
            "a proof, overheard and shown again",
            "RT-15",
            "401 `invalid_dpop_proof`: a proof is good once",
            |lab| Box::pin(replayed(lab)),
        ),
        Attack::new(
            "a proof for another method, address or token, or with another header",
            "RT-15",
            "401 `invalid_dpop_proof`",
            |lab| Box::pin(for_something_else(lab)),
        ),
        Attack::new(
            "a proof without the server's nonce, with an old or a made-up one",
            "RT-15",
            "401 `use_dpop_nonce`: the nonce says when it was made",
            |lab| Box::pin(outdated(lab)),
        ),
        Attack::new(
            "a bound refresh token, stolen without its key",
            "RT-15",
            "400 `invalid_grant`, 401 for a session in exchange, and nothing is spent",
            |lab| Box::pin(refresh_without_key(lab)),
        ),
    ],
};

const UNBOUND: &str = "this instance binds no tokens (TWOFOLD_BIND_TOKENS=off)";
/// A server of token mode has no session to give.
const EXCHANGES_NOTHING: Means = Means::of(&[401, 409], "error");
const BAD_PROOF: Means = Means::of(&[401], "invalid_dpop_proof");

async fn works(holder: &mut Keyholder) -> Result<(), Inconclusive> {
    let answer = holder.me().await;
    control(
        answer.status == 200,
        "the owner with a proof",
        brief(&answer),
    )
}

/// Somebody with another key who has copied all that can be copied.
fn thief_of(lab: &Lab, holder: &Keyholder) -> Keyholder {
    let mut thief = Keyholder::new(lab, 99);
    thief.access_token.clone_from(&holder.access_token);
    thief.refresh_token.clone_from(&holder.refresh_token);
    thief.nonce.clone_from(&holder.nonce);
    thief
}

async fn without_key(lab: Arc<Lab>) -> Verdict {
    let Some(mut holder) = lab.keyholder(1).await? else {
        return Ok(not_tried(UNBOUND));
    };
    works(&mut holder).await?;
    let mut thief = thief_of(&lab, &holder);
    let mut trials = Trials::stopped_by("401 invalid_token or invalid_dpop_proof");
    for scheme in ["Bearer", "DPoP"] {
        let authorization = format!("{scheme} {}", holder.access_token);
        let headers = [("authorization", authorization.as_str())];
        let bare = ask_with(&thief.browser, "GET", ME, &headers).await;
        trials.judge(
            format!("as {scheme}"),
            &bare,
            Means::of(&[401], "invalid_token"),
        );
    }
    trials.judge("another key's proof", &thief.me().await, BAD_PROOF);
    works(&mut holder).await?;
    trials.verdict()
}

async fn replayed(lab: Arc<Lab>) -> Verdict {
    let Some(mut holder) = lab.keyholder(2).await? else {
        return Ok(not_tried(UNBOUND));
    };
    works(&mut holder).await?;
    let mut trials = Trials::stopped_by("401 invalid_dpop_proof");
    for _ in 0..5 {
        let proof = holder.proof_for("GET", ME);
        let first = holder.me_with(&proof).await;
        control(first.status == 200, "the first time", brief(&first))?;
        let again = holder.me_with(&proof).await;
        trials.judge("the second time", &again, BAD_PROOF);
    }
    trials.verdict()
}

async fn for_something_else(lab: Arc<Lab>) -> Verdict {
    let Some(mut holder) = lab.keyholder(3).await? else {
        return Ok(not_tried(UNBOUND));
    };
    works(&mut holder).await?;
    let (header, claims) = (holder.header(), holder.claims("GET", ME));
    let origin = holder.origin.clone();
    let mut proofs = Vec::new();
    for (name, value) in [
        ("htm", json!("POST")),
        ("htm", json!("get")),
        ("htu", json!(format!("{origin}{SIGN_INS}"))),
        ("htu", json!(format!("https://evil.example{ME}"))),
        ("htu", json!(format!("{origin}.evil.example{ME}"))),
        ("htu", json!(ME)),
        ("ath", json!("AAAA")),
        ("ath", Value::Null),
        ("jti", json!("")),
    ] {
        let proof = holder.sign(&header, &with(&claims, name, value.clone()));
        proofs.push((format!("{name} {value}"), proof));
    }
    for (name, value) in [
        ("typ", json!("at+jwt")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("jwk", Value::Null),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("crit", json!(["x"])),
    ] {
        let proof = holder.sign(&with(&header, name, value.clone()), &claims);
        proofs.push((format!("{name} {value}"), proof));
    }
    proofs.push(("no proof at all".to_owned(), "x".to_owned()));
    let mut trials = Trials::stopped_by("401 invalid_dpop_proof");
    for (what, proof) in proofs {
        trials.judge(what, &holder.me_with(&proof).await, BAD_PROOF);
    }
    works(&mut holder).await?;
    trials.verdict()
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    changed[name] = value;
    changed
}

/// A true nonce of long ago takes long to get, but for who has the server's key.
async fn outdated(lab: Arc<Lab>) -> Verdict {
    let Some(mut holder) = lab.keyholder(4).await? else {
        return Ok(not_tried(UNBOUND));
    };
    works(&mut holder).await?;
    let nonce = holder.nonce.clone();
    let mut others = made_up_from(&nonce);
    if let Some(keys) = &lab.keys {
        // As of another node, whose clock is a little ahead: a server that has just begun takes none from before.
        let soon = Clock::default().now().after(Duration::from_secs(4));
        holder.nonce = keys.nonce_at(soon);
        works(&mut holder).await?;
        others.extend(of_other_times(keys));
    }
    let mut trials = Trials::stopped_by("401 use_dpop_nonce");
    for other in others {
        holder.nonce.clone_from(&other);
        let proof = holder.proof_for("GET", ME);
        let answer = holder.me_with(&proof).await;
        let what = format!("nonce {other:?}");
        trials.judge(what, &answer, Means::of(&[401], "use_dpop_nonce"));
    }
    holder.nonce = nonce;
    works(&mut holder).await?;
    trials.verdict()
}

fn made_up_from(nonce: &str) -> Vec<String> {
    let reversed: String = nonce.chars().rev().collect();
    let (first, rest) = nonce.split_at_checked(1).unwrap_or_default();
    let other = if first == "A" { "B" } else { "A" };
    vec![
        String::new(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        reversed,
        format!("{other}{rest}"),
        rest.to_owned(),
        "0".to_owned(),
    ]
}

/// Made with the server's own key, six minutes and an hour ago, and for an hour from now. A server of the lab's own has not
/// been up for so long, and takes nothing from before its start either.
fn of_other_times(keys: &OwnKeys) -> [String; 3] {
    let now = Clock::default().now();
    let (minutes, hour) = (Duration::from_secs(6 * 60), Duration::from_secs(60 * 60));
    let moments = [now.before(minutes), now.before(hour), now.after(hour)];
    moments.map(|moment| keys.nonce_at(moment))
}

async fn refresh_without_key(lab: Arc<Lab>) -> Verdict {
    let Some(mut holder) = lab.keyholder(5).await? else {
        return Ok(not_tried(UNBOUND));
    };
    works(&mut holder).await?;
    let mut thief = thief_of(&lab, &holder);
    let means = Means::of(&[400], "invalid_grant");
    let mut trials = Trials::stopped_by("400 invalid_grant or 401 signed_out");
    let bare = json!({"refresh_token": holder.refresh_token});
    let bare = post_json(&thief.browser, REFRESH, &bare).await;
    trials.judge("without a proof", &bare, means);
    trials.judge("another key's proof", &thief.renew().await, means);
    let (exchanged, means) = (as_page_of_cookie_mode(&holder).await?, EXCHANGES_NOTHING);
    trials.judge("to be exchanged for a session", &exchanged, means);
    if !trials.has_success() {
        let renewal = holder.renew().await;
        control(renewal.status == 200, "the owner renews", brief(&renewal))?;
    }
    trials.verdict()
}

/// With the sign-in's id, which stands in the access token.
async fn as_page_of_cookie_mode(holder: &Keyholder) -> Result<Answer, Inconclusive> {
    let sid = part(&holder.access_token, 1)["sid"].clone();
    let request = holder.browser.bare("POST", "/api/refresh/exchange");
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header(
            "cookie",
            format!("__Secure-refresh={}", holder.refresh_token),
        )
        .form(&[("sid", sid.as_str().unwrap_or_default())]);
    Ok(Answer::of(request.send().await?).await)
}
