//! Ways to say one method and mean another, or one that nobody knows.

use std::sync::Arc;

use axum::http::Method;

use crate::catalogue::{Attack, Group};
use crate::cross_site::unsafe_lines;
use crate::lab::{Lab, cookies_for};
use crate::outcome::{Means, Trials, Verdict, brief, control};
use crate::socket::ask;
use crate::support::Answer;
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Methods",
    attacks: &[
        Attack::new(
            "a link that does something (GET on whatever may change something)",
            "SF-04, SE-07, T03",
            "405, and the owner is still signed in",
            |lab| Box::pin(links(lab)),
        ),
        Attack::new(
            "a GET that calls itself a POST (X-HTTP-Method-Override, _method)",
            "SF-17",
            "405, and the owner is still signed in",
            |lab| Box::pin(overrides(lab)),
        ),
        Attack::new(
            "TRACE, TRACK and methods of one's own, which echo what only the browser knows",
            "SF-17",
            "405 without an echo",
            |lab| Box::pin(echoes(lab)),
        ),
        Attack::new(
            "CONNECT, and targets that are no path: the app as a proxy",
            "SF-17, AV-05",
            "400 or 405",
            |lab| Box::pin(proxying(lab)),
        ),
    ],
};

const NOT_ALLOWED: Means = Means::of(&[405], "");

/// With all that the owner has: a link is followed with their cookies, and a script of the page adds the token.
async fn get(
    lab: &Lab,
    owner: &crate::support::Browser,
    path: &str,
    header: (&str, &str),
) -> Result<Answer, reqwest::Error> {
    let mut request = lab
        .browser()
        .bare("GET", path)
        .header("cookie", cookies_for(owner, path))
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header(header.0, header.1);
    if let Some(token) = &owner.token {
        request = request.bearer_auth(token);
    }
    Ok(Answer::of(request.send().await?).await)
}

/// What may be done by POST alone, and by no GET of the same path.
fn only_by_post() -> impl Iterator<Item = &'static str> {
    let posts = unsafe_lines().filter(|line| line.method == Method::POST);
    posts.map(|line| line.path)
}

async fn links(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let mut trials = Trials::stopped_by("405, and the owner is still in");
    for path in only_by_post() {
        let answer = get(&lab, &owner, path, ("accept", "text/html")).await?;
        trials.judge(format!("GET {path}"), &answer, NOT_ALLOWED);
        let query = format!("{path}?next=/&id=x&email=a@b.example&password=x");
        let answer = get(&lab, &owner, &query, ("accept", "application/json")).await?;
        trials.judge(format!("GET {path}?…"), &answer, NOT_ALLOWED);
    }
    if !owner.is_still_in().await {
        trials.succeeded("the owner is signed out".to_owned());
    }
    trials.verdict()
}

async fn overrides(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let mut trials = Trials::stopped_by("405, and the owner is still in");
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
        "x-original-method",
    ] {
        for path in only_by_post() {
            let path = format!("{path}?_method=POST");
            let answer = get(&lab, &owner, &path, (name, "POST")).await?;
            trials.judge(format!("{path} {name}"), &answer, NOT_ALLOWED);
        }
    }
    if !owner.is_still_in().await {
        trials.succeeded("the owner is signed out".to_owned());
    }
    trials.verdict()
}

async fn echoes(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("405 without an echo");
    for method in ["TRACE", "TRACK", "DEBUG", "PROPFIND", "BREW"] {
        for path in ["/", "/sign-in", "/healthz", "/api/sign_in", "/api/v1/me"] {
            let request = lab
                .browser()
                .bare(method, path)
                .header("sec-fetch-site", "same-origin")
                .header("cookie", "canary-cookie=1")
                .body("canary-body");
            let answer = Answer::of(request.send().await?).await;
            let what = format!("{method} {path}");
            if answer.body.contains("canary") {
                trials.succeeded(format!("{what}: {}", brief(&answer)));
            } else {
                trials.judge(what, &answer, NOT_ALLOWED);
            }
        }
    }
    trials.verdict()
}

async fn proxying(lab: Arc<Lab>) -> Verdict {
    let plain = ask(&lab, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await?;
    control(plain.status == 200, "a plain GET", brief(&plain))?;
    let mut trials = Trials::stopped_by("400 or 405");
    for start in [
        "CONNECT evil.example:443",
        "CONNECT localhost:22",
        "GET evil.example:443",
        "POST evil.example:443",
        "CONNECT /sign-in",
    ] {
        let head = format!("{start} HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: none\r\n");
        let answer = ask(&lab, &head).await?;
        trials.judge(start, &answer, Means::of(&[400, 405], ""));
    }
    trials.verdict()
}
