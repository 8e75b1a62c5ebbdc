//! Files and addresses that nobody meant to serve.

use std::sync::Arc;

use crate::catalogue::{Attack, Group};
use crate::lab::Lab;
use crate::outcome::{Trials, Verdict, brief, control, short};
use crate::socket::ask;
use crate::support::reachable::Reachable;

pub const GROUP: Group = Group {
    title: "Files and hidden addresses",
    attacks: &[
        Attack::new(
            "path traversal out of /pkg and the root, in every encoding",
            "AU-03",
            "404: nothing outside the site's folder is served",
            |lab| Box::pin(traversal(lab)),
        ),
        Attack::new(
            "metrics, debuggers, dot files, backups, databases and keys",
            "AV-14",
            "404: what has no line in the list cannot be reached",
            |lab| Box::pin(hidden(lab)),
        ),
        Attack::new(
            "source maps of the compiled app",
            "FE-08",
            "404, and no file names one",
            |lab| Box::pin(source_maps(lab)),
        ),
    ],
};

/// What the files in question say.
const CONTENTS: [&str; 6] = [
    "root:x:",
    "[workspace]",
    "[package]",
    "PRIVATE KEY",
    "SQLite format",
    "TWOFOLD_",
];

async fn traversal(lab: Arc<Lab>) -> Verdict {
    let plain = ask(&lab, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await?;
    control(plain.status == 200, "a plain path", brief(&plain))?;
    let mut trials = Trials::stopped_by("404 or 400");
    for up in [
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "....//",
        "..;/",
        "%252e%252e%252f",
        "..%c0%af",
        "/",
    ] {
        for file in [
            "etc/passwd",
            "Cargo.toml",
            "data/twofold.db",
            "twofold.db",
            "keys/",
            ".env",
        ] {
            for base in ["/pkg/", "/", "/account/", "//"] {
                let path = format!("{base}{}{file}", up.repeat(6));
                let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n");
                let answer = ask(&lab, &head).await?;
                let is_read = CONTENTS.iter().any(|text| answer.body.contains(text));
                let evidence = format!("{}: {}", short(&path), brief(&answer));
                match answer.status.as_u16() {
                    _ if is_read => trials.succeeded(evidence),
                    301..=308 | 400 | 404 | 405 => trials.stopped(evidence),
                    _ => trials.odd(evidence),
                }
            }
        }
    }
    trials.verdict()
}

async fn hidden(lab: Arc<Lab>) -> Verdict {
    let mut trials = Trials::stopped_by("404");
    for path in [
        "/metrics",
        "/debug",
        "/debug/pprof/",
        "/actuator",
        "/actuator/env",
        "/server-status",
        "/status",
        "/admin",
        "/console",
        "/graphql",
        "/swagger",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/users",
        "/.env",
        "/.git/config",
        "/.git/HEAD",
        "/.DS_Store",
        "/.htaccess",
        "/.well-known/",
        "/.cargo/config.toml",
        "/Cargo.toml",
        "/Cargo.lock",
        "/twofold.db",
        "/data/twofold.db",
        "/twofold.db-wal",
        "/keys/",
        "/data/keys/",
        "/signing-key.pem",
        "/backup.sql",
        "/hash.txt",
        "/target/",
        "/pkg/",
        "/pkg",
        "/pkg/.env",
        "/README.md",
        "/index.html",
        "/index.php",
        "/sign-in.bak",
        "/robots.txt~",
        "/live_reload",
        "/readyz/all",
        "/healthz/db",
    ] {
        let request = lab.browser().bare("GET", path).header("accept", "*/*");
        let answer = crate::support::Answer::of(request.send().await?).await;
        let evidence = format!("{path}: {}", brief(&answer));
        match answer.status.as_u16() {
            // The framework takes a path with a slash at its end for the one without, and says so.
            404 | 405 | 307 | 308 => trials.stopped(evidence),
            200..=299 => trials.succeeded(evidence),
            _ => trials.odd(evidence),
        }
    }
    trials.verdict()
}

async fn source_maps(lab: Arc<Lab>) -> Verdict {
    let mut browser = lab.browser();
    let page = browser.get("/").await;
    control(page.status == 200, "the page", brief(&page))?;
    let named = page
        .body
        .split(['"', '\''])
        .filter(|text| text.starts_with("/pkg/"));
    let mut files: Vec<_> = named.map(str::to_owned).collect();
    files.push("/pkg/twofold.js".to_owned());
    files.push("/pkg/twofold.wasm".to_owned());
    let mut trials = Trials::stopped_by("404, and no name of one");
    for file in files {
        let content = browser.get(&file).await;
        let is_named = content.body.contains("sourceMappingURL");
        trials.note(is_named, format!("{file}: {}", content.status.as_u16()));
        let map = browser.get(&format!("{file}.map")).await;
        let evidence = format!("{file}.map: {}", brief(&map));
        match map.status.as_u16() {
            404 => trials.stopped(evidence),
            200 => trials.succeeded(evidence),
            _ => trials.odd(evidence),
        }
    }
    trials.verdict()
}
