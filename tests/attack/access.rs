//! Everything that is not for everybody, asked for by nobody, by somebody else, and by somebody who signed in too long ago.

use std::sync::Arc;

use app::auth::mode::Mode;
use app::server::access::{Access, Kind, TABLE};
use serde_json::Value;

use crate::catalogue::{Attack, Group, When};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Means, Trials, Verdict, brief, control, not_tried};
use crate::support::program::{DOCUMENT, ME, Program, SIGN_INS, ask_with};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser};

pub const GROUP: Group = Group {
    title: "Access",
    attacks: &[
        Attack::new(
            "every page, function and route that is not for everybody, asked for by nobody",
            "SF-10, SF-11",
            "401; a page leads to the sign-in, or is a shell without anybody's data",
            |lab| Box::pin(as_nobody(lab)),
        ),
        Attack::new(
            "everything that the OpenAPI document describes, asked for by nobody",
            "SF-10",
            "401 wherever the document asks for a proof",
            |lab| Box::pin(documented_as_nobody(lab)),
        ),
        Attack::new(
            "another person's sign-in, ended by its id",
            "SF-14, SE-12, EN-05",
            "404, the same as for an id that never was",
            |lab| Box::pin(of_somebody_else(lab)),
        ),
        Attack::new(
            "an old sign-in ends others, without the password or with a wrong one",
            "SU-01",
            "401 `confirmation_needed` or `insufficient_user_authentication`",
            |lab| Box::pin(without_password(lab)),
        )
        .when(When::Alongside),
        Attack::new(
            "private pages under names that a cache would keep",
            "FE-13",
            "404: a line of the list is for its path and no other",
            |lab| Box::pin(cache_deception(lab)),
        ),
    ],
};

const UNKNOWN: Means = Means::of(&[401], "signed_out");

async fn send(lab: &Lab, method: &str, path: &str) -> Result<Answer, Inconclusive> {
    let wants = if path.starts_with("/api/") {
        "application/json"
    } else {
        "text/html"
    };
    let request = lab
        .browser()
        .bare(method, path)
        .header("accept", wants)
        .header("sec-fetch-site", "same-origin")
        .form(&[("id", "AAAAAAAAAAAAAAAAAAAAAA"), ("password", "x")]);
    Ok(Answer::of(request.send().await?).await)
}

async fn as_nobody(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let known = owner.call("/api/account", &[]).await;
    control(known.status == 200, "the owner is answered", brief(&known))?;
    let mut trials = Trials::stopped_by("401, or a page without data");
    for line in TABLE.iter().filter(|line| line.access != Access::Public) {
        let path = line.path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA");
        let answer = send(&lab, line.method.as_str(), &path).await?;
        let what = format!("{} {path}", line.method);
        match (line.kind, lab.mode) {
            (Kind::Page, Mode::CookieSession) => {
                let leads_to_sign_in = answer.header("location").starts_with("/sign-in");
                let evidence = format!("{what}: {}", brief(&answer));
                trials.note(!(answer.status == 303 && leads_to_sign_in), evidence);
            }
            (Kind::Page, Mode::Jwt) => {
                // The same for everybody, so that there is nothing in it to take.
                let theirs = owner.get(&path).await;
                let size = |page: &Answer| page.body.len();
                let differs = answer.body.contains('@') || size(&answer) != size(&theirs);
                trials.note(
                    differs,
                    format!("{what}: {} bytes for everybody", size(&answer)),
                );
            }
            _ => trials.judge(what, &answer, UNKNOWN),
        }
    }
    trials.verdict()
}

async fn documented_as_nobody(lab: Arc<Lab>) -> Verdict {
    let document = ask_with(&lab.browser(), "GET", DOCUMENT, &[]).await;
    let program = lab.program().await;
    let known = program.ask("GET", ME).await;
    control(known.status == 200, "a program is answered", brief(&known))?;
    let document = document.json();
    let mut trials = Trials::stopped_by("401");
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let own = operation.get("security").unwrap_or(&document["security"]);
            if !needs_proof(own) {
                continue;
            }
            let path = path.replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA");
            let method = method.to_ascii_uppercase();
            let answer = send(&lab, &method, &path).await?;
            trials.judge(format!("{method} {path}"), &answer, UNKNOWN);
        }
    }
    trials.verdict()
}

/// An empty requirement, or none at all, is for everybody.
fn needs_proof(security: &Value) -> bool {
    let required = security.as_array();
    required.is_some_and(|all| {
        !all.is_empty()
            && all
                .iter()
                .all(|one| one.as_object().is_some_and(|names| !names.is_empty()))
    })
}

async fn id_of(browser: &mut Browser) -> Result<String, Inconclusive> {
    let list = browser.call("/api/sign_ins", &[]).await;
    let id = list.json()[0]["id"].as_str().map(str::to_owned);
    id.ok_or(Inconclusive(format!(
        "no list of sign-ins: {}",
        brief(&list)
    )))
}

async fn of_somebody_else(lab: Arc<Lab>) -> Verdict {
    let mut victim = lab.sign_in().await?;
    let attacker = lab.person().await?;
    let theirs = id_of(&mut victim).await?;
    let (mut browser, program) = (
        attacker.browser.clone(),
        Program::sign_in_as(&*lab, &attacker.email).await,
    );
    let mut trials = Trials::stopped_by("404, as for an id that never was");
    for id in [
        theirs.as_str(),
        "AAAAAAAAAAAAAAAAAAAAAA",
        "*",
        "' OR '1'='1",
    ] {
        let answer = browser.call("/api/end_sign_in", &[("id", id)]).await;
        trials.judge(format!("by function, {id}"), &answer, Means::of(&[404], ""));
        let path = format!("{SIGN_INS}/{}", crate::support::elsewhere::once(id));
        let answer = program.ask("DELETE", &path).await;
        trials.judge(format!("by the API, {id}"), &answer, Means::of(&[404], ""));
    }
    let (one, none) = (
        browser.call("/api/end_sign_in", &[("id", &theirs)]).await,
        browser
            .call("/api/end_sign_in", &[("id", "BBBBBBBBBBBBBBBBBBBBBB")])
            .await,
    );
    trials.note(
        one.body != none.body,
        format!("theirs and none: {}", brief(&one)),
    );
    if !victim.is_still_in().await {
        trials.succeeded("the victim is signed out".to_owned());
    }
    if !trials.has_success() {
        let own = id_of(&mut browser).await?;
        let answer = browser.call("/api/end_sign_in", &[("id", &own)]).await;
        control(answer.status == 200, "one's own is ended", brief(&answer))?;
    }
    trials.verdict()
}

async fn without_password(lab: Arc<Lab>) -> Verdict {
    let Some(wait) = lab.patience.confirmation else {
        return Ok(not_tried(
            "a password counts for TWOFOLD_CONFIRM_MINUTES, a minute at least: --patient waits for it",
        ));
    };
    let person = lab.person().await?;
    let (mut old, program) = (
        person.browser.clone(),
        Program::sign_in_as(&*lab, &person.email).await,
    );
    let fresh = old.call("/api/end_other_sign_ins", &[]).await;
    control(fresh.status == 200, "a new sign-in may", brief(&fresh))?;
    let program = match program.ask("GET", ME).await.status.as_u16() {
        401 => Program::sign_in_as(&*lab, &person.email).await,
        _ => program,
    };
    tokio::time::sleep(wait).await;
    let mut trials = Trials::stopped_by("401 confirmation_needed");
    let wrong = [("password", "a wrong password")];
    let answer = old.call("/api/confirm", &wrong).await;
    let means = Means::of(&[422], "wrong_password");
    trials.judge("a wrong password, given again", &answer, means);
    let needed = Means::of(&[401], "confirmation_needed");
    for path in [
        "/api/end_other_sign_ins",
        "/api/end_sign_in",
        "/api/end_all_sign_ins",
    ] {
        let answer = old.call(path, &[("id", "AAAAAAAAAAAAAAAAAAAAAA")]).await;
        trials.judge(path, &answer, needed);
    }
    let needed = Means::of(&[401], "insufficient_user_authentication");
    for path in [
        SIGN_INS.to_owned(),
        format!("{SIGN_INS}/AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let answer = program.ask("DELETE", &path).await;
        trials.judge(format!("DELETE {path}"), &answer, needed);
    }
    trials.verdict()
}

async fn cache_deception(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let page = owner.get("/account").await;
    control(page.status == 200, "the page itself", brief(&page))?;
    let mut trials = Trials::stopped_by("404, or a way back to the page itself");
    for name in [
        "/x.css",
        "/x.js",
        "%2Fx.css",
        ";x.css",
        "%00.css",
        ".css",
        "/..%2fx.css",
        "/",
    ] {
        let path = format!("/account{name}");
        let answer = owner.get(&path).await;
        let evidence = format!("{path}: {}", brief(&answer));
        match answer.status.as_u16() {
            200 => trials.succeeded(evidence),
            301 | 303 | 307 | 308 | 400 | 404 => trials.stopped(evidence),
            _ => trials.odd(evidence),
        }
    }
    trials.verdict()
}
