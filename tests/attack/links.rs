//! Links that somebody crafted: where they lead, and what they make a page say.

use std::sync::Arc;

use app::auth::mode::Mode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Trials, Verdict, brief, control, short};
use crate::support::elsewhere::{once, payloads, stays};
use crate::support::reachable::Reachable;
use crate::support::{Answer, PASSWORD};

pub const GROUP: Group = Group {
    title: "Crafted links",
    attacks: &[
        Attack::new(
            "a link to /sign-in whose next leads away, in 440 spellings",
            "FE-09",
            "the form keeps a path of this origin, else the default",
            |lab| Box::pin(next_of_link(lab)),
        ),
        Attack::new(
            "a form whose next leads away",
            "FE-09, T06",
            "303 to a path of this origin",
            |lab| Box::pin(next_of_form(lab)),
        )
        .only_in(
            Mode::CookieSession,
            "a build for tokens answers no plain form",
        ),
        Attack::new(
            "a Referer that leads away, with the reason of a failure in its address",
            "SF-07, T04",
            "303 to a path of this origin, without a word about the failure",
            |lab| Box::pin(referers(lab)),
        ),
        Attack::new(
            "a link that puts words into the form's mouth (__err)",
            "SF-08, T05",
            "failures come from a fixed catalogue, and none from an address",
            |lab| Box::pin(words_in_links(lab)),
        ),
        Attack::new(
            "markup in what a page shows again",
            "FE-01, T07",
            "it is escaped, and a policy with a nonce stands behind that",
            |lab| Box::pin(markup(lab)),
        ),
    ],
};

async fn next_of_link(lab: Arc<Lab>) -> Verdict {
    let field_of = |page: &Answer| {
        let field = page.body.split(r#"name="next" value=""#).nth(1)?;
        let field = field.split('"').next()?;
        Some(field.replace("&amp;", "&").replace("&#x27;", "'"))
    };
    let mut browser = lab.browser();
    let own = browser.get("/sign-in?next=%2Faccount%2Fdevices").await;
    let kept = field_of(&own);
    let works = kept.as_deref() == Some("/account/devices");
    control(works, "a path of this origin is kept", format!("{kept:?}"))?;
    let mut trials = Trials::stopped_by("a path of this origin in the form");
    for payload in payloads() {
        let page = browser
            .get(&format!("/sign-in?next={}", once(&payload)))
            .await;
        let what = short(&payload);
        match (page.status.as_u16(), field_of(&page)) {
            // The long one is refused as an address.
            (414, _) => trials.stopped(format!("{what}: 414")),
            (200, Some(field)) => {
                let leads_away = !stays(&lab.origin(), &field) || field.contains(['\r', '\n']);
                trials.note(leads_away, format!("{what} became {}", short(&field)));
            }
            (300..400, _) => {
                let to = page.header("location");
                trials.note(
                    !stays(&lab.origin(), to),
                    format!("{what}: {}", brief(&page)),
                );
            }
            _ => trials.odd(format!("{what}: {}", brief(&page))),
        }
    }
    trials.verdict()
}

async fn next_of_form(lab: Arc<Lab>) -> Verdict {
    let mut browser = lab.browser();
    let own = [("next", "/account")];
    let answer = browser.post_form("/", "/api/sign_out", &own).await;
    let works = answer.status == 303 && answer.header("location") == "/account";
    control(works, "a path of this origin is gone to", brief(&answer))?;
    let mut trials = Trials::stopped_by("303 to a path of this origin");
    for payload in payloads() {
        for next in [payload.clone(), once(&payload)] {
            let answer = browser
                .post_form("/", "/api/sign_out", &[("next", &next)])
                .await;
            judge_location(&mut trials, &lab, &short(&next), &answer);
        }
    }
    trials.verdict()
}

fn judge_location(trials: &mut Trials, lab: &Lab, what: &str, answer: &Answer) {
    let evidence = format!("{what}: {}", brief(answer));
    if answer.status.is_redirection() {
        trials.note(!stays(&lab.origin(), answer.header("location")), evidence);
    } else {
        trials.odd(evidence);
    }
}

async fn referers(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("303 to a path of this origin, without a word");
    let send = async |referer: &[u8]| {
        let request = lab
            .browser()
            .bare("POST", "/api/sign_in")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("referer", referer)
            .form(&[("email", "x"), ("password", PASSWORD)]);
        Ok::<_, reqwest::Error>(Answer::of(request.send().await?).await)
    };
    let own = send(format!("{}/sign-up", lab.origin()).as_bytes()).await?;
    control(own.status == 303, "a refused form leads back", brief(&own))?;
    for payload in payloads().filter(|text| !text.contains(['\r', '\n', '\0', '\u{1}'])) {
        let answer = send(payload.as_bytes()).await?;
        let location = answer.header("location");
        let is_told = ["email", "malformed", "__err", "Error", "wrong"];
        if is_told.iter().any(|word| location.contains(word)) {
            trials.succeeded(format!("the failure is in the address: {location}"));
        }
        judge_location(&mut trials, &lab, &short(&payload), &answer);
    }
    trials.verdict()
}

async fn words_in_links(lab: Arc<Lab>) -> Verdict {
    const LURE: &str = "Your account is locked, call +1-555-0100";
    let mut browser = lab.browser();
    let page = browser.get("/sign-in").await;
    let has_form = page.body.contains("/api/sign_in");
    control(has_form, "the page has the form", brief(&page))?;
    let mut trials = Trials::stopped_by("none of its words is shown");
    for error in [
        LURE.to_owned(),
        format!("ServerError|{LURE}"),
        json!(LURE).to_string(),
        json!({"ServerError": LURE}).to_string(),
        json!({"Internal": LURE}).to_string(),
        json!({"error": LURE}).to_string(),
    ] {
        for encoded in [
            URL_SAFE_NO_PAD.encode(&error),
            STANDARD.encode(&error),
            error.clone(),
        ] {
            for (path, endpoint) in [("/sign-in", "/api/sign_in"), ("/sign-up", "/api/sign_up")] {
                for names in ["__path", "path"] {
                    let query = format!("{names}={}&__err={}", once(endpoint), once(&encoded));
                    let query = format!("{query}&error={0}&message={0}", once(LURE));
                    let mut answer = browser.get(&format!("{path}?{query}")).await;
                    if answer.status.is_redirection() {
                        let next = answer.header("location").to_owned();
                        let next = percent_decode_str(&next).decode_utf8_lossy().into_owned();
                        answer = browser.get(&next.replace(['\r', '\n', ' '], "")).await;
                    }
                    let is_shown = answer.body.contains("555-0100");
                    let evidence = format!("{path}?{}: {}", short(&query), brief(&answer));
                    if is_shown || answer.status == 200 {
                        trials.note(is_shown, evidence);
                    } else {
                        trials.odd(evidence);
                    }
                }
            }
        }
    }
    trials.verdict()
}

async fn markup(lab: Arc<Lab>) -> Verdict {
    const TAG: &str = "<script>alert(31337)</script>";
    let mut trials = Trials::stopped_by("it is escaped or not shown");
    let mut owner = lab.sign_in().await?;
    let devices = lab.browser().bare("POST", "/api/v1/token");
    let body = json!({"username": lab.owner.email, "password": PASSWORD}).to_string();
    let request = devices
        .header("content-type", "application/json")
        .header("user-agent", format!("\"'></textarea></title>{TAG}"))
        .body(body);
    let answer = Answer::of(request.send().await?).await;
    control(
        answer.status == 200,
        "a sign-in under a hostile name",
        brief(&answer),
    )?;
    let paths = [
        format!("/sign-in?next={}", once(&format!("/\"'>{TAG}"))),
        format!("/sign-in?next={}", once(&format!("/</textarea>{TAG}"))),
        format!("/sign-in?email={0}&q={0}&error={0}", once(TAG)),
        format!("/{}", once(TAG)),
        "/account/devices".to_owned(),
    ];
    for path in paths {
        let page = owner.get(&path).await;
        if page.status.is_server_error() || page.status == 429 {
            trials.odd(format!("{}: {}", short(&path), brief(&page)));
            continue;
        }
        let is_markup = page.body.contains(TAG);
        trials.note(is_markup, format!("{}: {}", short(&path), brief(&page)));
    }
    trials.verdict()
}
