//! What answers tell beside what was asked.

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Outcome, Trials, Verdict, brief, control, not_tried, short};
use crate::support::program::{ME, SIGN_INS, ask_with};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser, PASSWORD};

pub const GROUP: Group = Group {
    title: "Information",
    attacks: &[
        Attack::new(
            "failures that tell of paths, SQL, parsers, types and versions",
            "AU-03, SF-12, T20",
            "a fixed word for each kind of failure, and never a 500",
            |lab| Box::pin(failures(lab)),
        ),
        Attack::new(
            "an answer of some kind without its security headers, or with a version",
            "FE-11, FE-15",
            "a layer around everything sets them",
            |lab| Box::pin(headers(lab)),
        ),
        Attack::new(
            "an answer that lets browsers come back without TLS",
            "FE-11",
            "Strict-Transport-Security for two years",
            |lab| Box::pin(without_tls(lab)),
        ),
        Attack::new(
            "a nonce that is foreseen, or one that another page had",
            "FE-02, FE-03",
            "128 random bits for every answer, and no unsafe-inline",
            |lab| Box::pin(nonces(lab)),
        ),
        Attack::new(
            "private answers out of a cache",
            "FE-13",
            "Cache-Control: no-store",
            |lab| Box::pin(caches(lab)),
        ),
        Attack::new(
            "private members among the public keys",
            "JW-20",
            "the JWK set has public members only",
            |lab| Box::pin(private_keys(lab)),
        ),
    ],
};

type Request<'a> = (&'a str, &'a str, &'a str, &'a str);
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Method, path, content type and body: one of every kind of answer.
const REQUESTS: [Request<'_>; 24] = [
    ("GET", "/", "", ""),
    ("HEAD", "/sign-in", "", ""),
    ("GET", "/healthz", "", ""),
    ("GET", "/readyz", "", ""),
    ("GET", "/.well-known/jwks.json", "", ""),
    ("GET", "/api/v1/openapi.json", "", ""),
    ("GET", "/account", "", ""),
    ("GET", "/nowhere", "", ""),
    ("GET", "/sign-in/", "", ""),
    ("GET", "/pkg/nothing.js", "", ""),
    ("GET", "/%ff%fe", "", ""),
    ("GET", "/api/v1/nothing", "", ""),
    ("GET", ME, "", ""),
    ("PUT", ME, JSON, "{}"),
    ("POST", "/api/nothing", FORM, ""),
    ("POST", "/api/account", FORM, ""),
    ("POST", "/api/sign_in", FORM, "email=x&password=%ff"),
    ("POST", "/api/sign_in", FORM, "keep=perhaps&email[]=x"),
    ("POST", "/api/sign_in", JSON, "{}"),
    (
        "POST",
        "/api/sign_up",
        FORM,
        "email=a%27--%40b.example&password=x",
    ),
    ("POST", "/api/v1/token", JSON, "{\"username\": [}"),
    (
        "POST",
        "/api/v1/token",
        JSON,
        "{\"username\": 5, \"password\": null}",
    ),
    (
        "POST",
        "/api/v1/token/refresh",
        JSON,
        "{\"refresh_token\": \"'\"}",
    ),
    ("DELETE", "/api/v1/sign-ins/%27%20OR%201=1", "", ""),
];

async fn answer_to(browser: &Browser, request: Request<'_>) -> Result<Answer, reqwest::Error> {
    let (method, path, content_type, body) = request;
    let mut request = browser.bare(method, path);
    request = request.header("sec-fetch-site", "same-origin");
    if !content_type.is_empty() {
        request = request
            .header("content-type", content_type)
            .body(body.to_owned());
    }
    Ok(Answer::of(request.send().await?).await)
}

async fn failures(lab: Arc<Lab>) -> Verdict {
    const TELLING: [&str; 24] = [
        "select ",
        "insert into",
        "sqlx",
        "sqlite",
        "postgres",
        ".rs:",
        "/src/",
        "/home/",
        "/root/",
        "panicked",
        "backtrace",
        "serde",
        "missing field",
        "expected value",
        "line 1",
        "invalid digit",
        "leptos_axum",
        "axum/",
        "hyper/",
        "tokio",
        "servererror",
        "stack trace",
        "no such table",
        "invalid utf-8",
    ];
    let mut trials = Trials::stopped_by("a fixed word");
    for request in REQUESTS {
        let answer = answer_to(&lab.browser(), request).await?;
        let what = format!("{} {}", request.0, request.1);
        let is_failure = answer.status.is_client_error() || answer.status.is_server_error();
        if answer.status == 429 {
            trials.odd(format!("{what}: {}", brief(&answer)));
        } else if is_failure || answer.status == 200 && request.0 == "POST" {
            let body = answer.body.to_ascii_lowercase();
            let told = TELLING.iter().find(|word| body.contains(*word));
            let is_500 = answer.status == 500;
            let evidence = format!("{what}: {} {}", brief(&answer), told.unwrap_or(&""));
            trials.note(told.is_some() || is_500, evidence);
        }
    }
    trials.verdict()
}

async fn headers(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("every header is there");
    for request in REQUESTS {
        let answer = answer_to(&lab.browser(), request).await?;
        let policy = answer.header("content-security-policy");
        let mut missing: Vec<_> = [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ]
        .into_iter()
        .filter(|(name, value)| answer.header(name) != *value)
        .map(|(name, _)| name)
        .collect();
        for part in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            if !policy.contains(part) {
                missing.push(part);
            }
        }
        let told = ["server", "x-powered-by", "via", "x-aspnet-version"];
        let told = told
            .into_iter()
            .filter(|name| answer.headers.contains_key(*name));
        missing.extend(told);
        let what = format!("{} {}: {}", request.0, request.1, answer.status.as_u16());
        trials.note(!missing.is_empty(), format!("{what} {missing:?}"));
    }
    trials.verdict()
}

async fn without_tls(lab: Arc<Lab>) -> Verdict {
    const TWO_YEARS: u64 = 2 * 365 * 24 * 60 * 60;
    let Some(browser) = lab.browser_over_tls() else {
        return Ok(not_tried("the origin is not https"));
    };
    let mut trials = Trials::stopped_by("Strict-Transport-Security");
    for request in REQUESTS {
        let answer = answer_to(&browser, request).await?;
        let policy = answer.header("strict-transport-security");
        let age = policy.split("max-age=").nth(1).unwrap_or_default();
        let age: u64 = age
            .split(';')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or(0);
        let evidence = format!("{} {}: {policy:?}", request.0, request.1);
        trials.note(age < TWO_YEARS, evidence);
    }
    trials.verdict()
}

async fn nonces(lab: Arc<Lab>) -> Verdict {
    let mut seen = HashSet::new();
    let mut trials = Trials::stopped_by("a new nonce for every page");
    for round in 0..40 {
        let path = ["/", "/sign-in", "/sign-up", "/nowhere"][round % 4];
        let page = lab.browser().get(path).await;
        let policy = page.header("content-security-policy");
        let nonce = policy
            .split('\'')
            .find_map(|word| word.strip_prefix("nonce-"));
        let nonce = nonce.unwrap_or_default().to_owned();
        let is_short = nonce.len() < 22;
        let is_open = policy.contains("unsafe-inline") || policy.contains("'unsafe-eval'");
        let is_old = !seen.insert(nonce.clone());
        trials.note(is_short || is_open || is_old, format!("{path}: {nonce:?}"));
    }
    trials.verdict()
}

async fn caches(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.sign_in().await?;
    let program = lab.program().await;
    let credentials = [("email", lab.owner.email.as_str()), ("password", PASSWORD)];
    let mut answers = Vec::new();
    for path in ["/", "/account", "/account/devices", "/sign-in", "/nowhere"] {
        answers.push((path, owner.get(path).await));
    }
    for path in ["/api/account", "/api/viewer", "/api/sign_ins"] {
        answers.push((path, owner.call(path, &[]).await));
    }
    answers.push((
        "/api/sign_in",
        owner.call("/api/sign_in", &credentials).await,
    ));
    for path in [ME, SIGN_INS] {
        answers.push((path, program.ask("GET", path).await));
    }
    let mut trials = Trials::stopped_by("no-store");
    for (path, answer) in answers {
        let is_kept = answer.header("cache-control") != "no-store";
        let kept = answer.header("cache-control");
        trials.note(
            is_kept,
            format!("{path}: {} {kept}", answer.status.as_u16()),
        );
    }
    trials.verdict()
}

async fn private_keys(lab: Arc<Lab>) -> Verdict {
    let answer = ask_with(&lab.browser(), "GET", "/.well-known/jwks.json", &[]).await;
    let json = answer.json();
    let keys = json["keys"].as_array().cloned().unwrap_or_default();
    control(!keys.is_empty(), "there are keys", brief(&answer))?;
    let mut trials = Trials::stopped_by("public members only");
    for key in keys {
        let members: Vec<_> = key
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let is_secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        let is_private = members
            .iter()
            .any(|name| is_secret.contains(&name.as_str()));
        trials.note(is_private, short(&members.join(", ")));
    }
    match trials.verdict()? {
        Outcome::Stopped { by, evidence } => Ok(Outcome::Stopped {
            by,
            evidence: format!("{evidence}; {}", answer.header("cache-control")),
        }),
        other => Ok(other),
    }
}
