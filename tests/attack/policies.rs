//! What the browser is told that pages may do, compared whole: a policy that is a word too wide looks much like a strict one.

use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Trials, Verdict, brief, control};
use crate::support::Answer;
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Policies",
    attacks: &[
        Attack::new(
            "a script, a form, a frame or a base that a page's policy lets in by a word too many",
            "FE-02, FE-07",
            "a Content-Security-Policy that names the page's own scripts by a nonce, and nothing else",
            |lab| Box::pin(policies_of_pages(lab)),
        ),
        Attack::new(
            "an answer that is no page, opened as one",
            "FE-02",
            "a Content-Security-Policy by which nothing runs in it",
            |lab| Box::pin(policies_of_others(lab)),
        ),
        Attack::new(
            "camera, microphone, place, payment and USB for whatever runs on a page",
            "FE-11",
            "a Permissions-Policy that gives them to nobody",
            |lab| Box::pin(permissions(lab)),
        ),
    ],
};

const POLICY: &str = "content-security-policy";
const PAGES: [&str; 5] = ["/", "/sign-in", "/sign-up", "/nowhere", "/account"];
const OTHERS: [&str; 5] = [
    "/healthz",
    "/pkg/nothing.js",
    "/api/nothing",
    "/api/v1/openapi.json",
    "/.well-known/jwks.json",
];

/// The directives by which scripts, plugins, forms and frames come in. The rest loads what cannot act.
const OF_PAGES: [(&str, &str); 8] = [
    ("default-src", "'none'"),
    (
        "script-src",
        "'nonce-…' 'strict-dynamic' 'wasm-unsafe-eval'",
    ),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'none'"),
    ("require-trusted-types-for", "'script'"),
    ("trusted-types", "twofold"),
];

const OF_OTHERS: [(&str, &str); 6] = [
    ("default-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
    ("require-trusted-types-for", "'script'"),
    ("trusted-types", "'none'"),
];

/// Each of them goes before `script-src` or `default-src` for some way of running something.
const WIDENING: [&str; 6] = [
    "script-src-elem",
    "script-src-attr",
    "worker-src",
    "child-src",
    "frame-src",
    "sandbox",
];

async fn policies_of_pages(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let mut trials = Trials::stopped_by("the whole policy is there");
    for path in PAGES {
        let page = owner.get(path).await;
        is_shown(&page)?;
        let nonce = nonce_of(&page).unwrap_or_default();
        let policy = page
            .header(POLICY)
            .replace(&format!("nonce-{nonce}'"), "nonce-…'");
        let mut flaws = flaws(&policy, &OF_PAGES);
        if page.headers.get_all(POLICY).iter().count() != 1 {
            flaws.push("there is not one policy".to_owned());
        }
        let scripts = page.body.split("<script").skip(1);
        let heads = scripts.map(|script| script.split('>').next().unwrap_or_default());
        let strange = heads.filter(|head| !head.contains(&format!("nonce=\"{nonce}\"")));
        flaws.extend(strange.map(|head| format!("a script without the nonce: {head}")));
        trials.note(!flaws.is_empty(), format!("{path}: {flaws:?}"));
    }
    trials.verdict()
}

fn is_shown(page: &Answer) -> Result<(), Inconclusive> {
    let is_html = page.header("content-type").starts_with("text/html");
    let is_page = is_html && [200, 404].contains(&page.status.as_u16());
    control(is_page, "a page is shown", brief(page))
}

fn nonce_of(page: &Answer) -> Option<String> {
    let mut words = page.header(POLICY).split('\'');
    let nonce = words.find_map(|word| word.strip_prefix("nonce-"))?;
    Some(nonce.to_owned())
}

/// What differs from the expected directives. Of two with one name, browsers take the first.
fn flaws(policy: &str, expected: &[(&str, &str)]) -> Vec<String> {
    let directives: Vec<_> = policy
        .split(';')
        .map(|directive| {
            directive
                .trim()
                .split_once(' ')
                .unwrap_or((directive.trim(), ""))
        })
        .collect();
    let value_of = |name: &str| {
        let found = directives.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| *value)
    };
    let wrong = expected
        .iter()
        .filter(|(name, value)| value_of(name) != Some(value));
    let mut flaws: Vec<_> = wrong
        .map(|(name, _)| format!("{name} {:?}", value_of(name)))
        .collect();
    let widening = WIDENING.iter().filter(|name| value_of(name).is_some());
    flaws.extend(widening.map(|name| format!("{name} {:?}", value_of(name))));
    flaws
}

async fn policies_of_others(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("nothing runs");
    for path in OTHERS {
        let answer = lab.browser().get(path).await;
        let flaws = flaws(answer.header(POLICY), &OF_OTHERS);
        let evidence = format!("{path}: {} {flaws:?}", answer.status.as_u16());
        trials.note(!flaws.is_empty(), evidence);
    }
    trials.verdict()
}

async fn permissions(lab: Arc<Lab>) -> Verdict {
    const NOBODY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    let mut trials = Trials::stopped_by(NOBODY);
    for path in PAGES.into_iter().chain(OTHERS) {
        let answer = lab.browser().get(path).await;
        let policy = answer.header("permissions-policy");
        trials.note(policy != NOBODY, format!("{path}: {policy:?}"));
    }
    trials.verdict()
}
