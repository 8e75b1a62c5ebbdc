//! Who gets what: everything that is mounted, asked for by everybody, with either proof. The answers are the page
//! `docs/access.md`, which `bin/access --write` makes anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use app::domain::sign_in::Kind as Proof;
use app::server::access::{Access, Kind, Line, TABLE};

use crate::support::askers::{Asker, Cast};
use crate::support::{Answer, MODE, Mode};

const METHODS: [&str; 10] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FROB",
];

#[tokio::test]
async fn everybody_gets_what_the_list_says_and_the_page_about_it_is_true() {
    let cast = Cast::assemble().await;
    let mut table = String::new();
    for line in TABLE {
        let mut cells = Vec::new();
        for asker in Cast::ALL {
            let answer = cast.ask(line, asker).await;
            check(line, asker, &answer);
            cells.push(in_words(&answer));
        }
        let what = format!("{} {}", line.method, line.path);
        writeln!(
            table,
            "| `{what}` | {} | {} |",
            whom(line),
            cells.join(" | ")
        )
        .unwrap();
    }
    compare_with_page(&table);
}

/// What must be so whatever the page says.
fn check(line: &Line, asker: Asker, answer: &Answer) {
    let (status, what) = (
        answer.status.as_u16(),
        format!("{} {} {asker:?}", line.method, line.path),
    );
    assert!(status < 500, "{what}: {status}");
    match (line.access, asker) {
        (Access::Public, _) => {}
        (_, Asker::Nobody) if line.kind == Kind::Page => match MODE {
            Mode::CookieSession => assert_eq!(status, 303, "SF-11 {what}"),
            Mode::Jwt => assert!(!answer.body.contains("ada@example.com"), "RT-14 {what}"),
        },
        (_, Asker::Nobody) => assert_eq!(status, 401, "SF-10 {what}"),
        (Access::Confirmed, Asker::Stale(_)) => {
            let challenge = answer.header("www-authenticate");
            assert_eq!(status, 401, "SU-01 {what}");
            assert!(
                challenge.contains("insufficient_user_authentication"),
                "SU-01 {what}"
            );
        }
        (_, Asker::SomebodyElse(_)) if is_about_an_object(line) => {
            assert_eq!(status, 404, "SF-14 {what}");
        }
        _ => assert!(![401, 403, 404, 405].contains(&status), "{what}: {status}"),
    }
}

fn is_about_an_object(line: &Line) -> bool {
    line.path.contains("{id}") || line.path == "/api/end_sign_in"
}

fn whom(line: &Line) -> &'static str {
    match line.access {
        Access::Public => "everybody",
        Access::SignedIn => "signed in",
        Access::Confirmed => "confirmed",
    }
}

/// The status, and where it leads or what is wrong.
fn in_words(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let location = answer.header("location").split('?').next().unwrap();
    let problem = answer.json()["type"].as_str().map(str::to_owned);
    let kind = problem.and_then(|path| path.rsplit('/').next().map(str::to_owned));
    let why = kind.unwrap_or_else(|| answer.error());
    format!("{status} {location}{why}").trim_end().to_owned()
}

fn compare_with_page(table: &str) {
    const HEAD: &str = "| asked for | for | nobody | by cookie | an old one | somebody else's | by token | an old one | somebody else's |\n\
                        | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/access.md");
    let title = match MODE {
        Mode::CookieSession => "## In a build for cookie sessions\n",
        Mode::Jwt => "## In a build for tokens\n",
    };
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(title).unwrap();
    let end = rest.find("\n## ").map_or(rest.len(), |at| at + 1);
    let rest = &rest[end..];
    let space = if rest.is_empty() { "" } else { "\n" };
    let wanted = format!("{before}{title}\n{HEAD}{table}{space}{rest}");
    if std::env::var_os("ACCESS_WRITE").is_some() {
        std::fs::write(&path, wanted).unwrap();
        return;
    }
    let lines: BTreeSet<_> = page.lines().collect();
    for line in wanted.lines().filter(|line| !lines.contains(line)) {
        eprintln!("+ {line}");
    }
    assert!(
        page == wanted,
        "docs/access.md is out of date: run bin/access --write"
    );
}

#[tokio::test]
async fn a_method_without_a_line_is_refused_to_everybody() {
    let cast = Cast::assemble().await;
    let paths: BTreeSet<_> = TABLE.iter().map(|line| line.path).collect();
    let cookie = cast.proof(Asker::Owner(Proof::Cookie)).await.unwrap();

    for pattern in paths {
        let lines = TABLE.iter().filter(|line| line.path == pattern);
        let mut listed: BTreeSet<_> = lines.map(|line| line.method.as_str()).collect();
        if listed.contains("GET") {
            listed.insert("HEAD");
        }
        let path = pattern.replace("{id}", "x").replace("{*file}", "x.js");
        for method in METHODS {
            for proof in [None, Some(&cookie)] {
                let mut request = cast.request(method, &path);
                if let Some((name, value)) = proof {
                    request = request.header(*name, value);
                }
                let answer = Answer::of(request.send().await.unwrap()).await;
                let allow: BTreeSet<_> = answer.header("allow").split(',').collect();
                let is_refused = answer.status == 405;
                assert_eq!(
                    is_refused,
                    !listed.contains(method),
                    "SF-17 {method} {path}"
                );
                assert!(
                    !is_refused || allow == listed,
                    "SF-17 {method} {path} {allow:?}"
                );
            }
            if method == "GET" {
                no_header_overrides(&cast, &path).await;
            }
        }
    }
}

/// A header that asks for another method than the request's own is ignored.
async fn no_header_overrides(cast: &Cast, path: &str) {
    let live = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";
    let before = cast.server.select(live).await;
    let (name, value) = cast.proof(Asker::Owner(Proof::Cookie)).await.unwrap();
    let request = cast
        .request("GET", &format!("{path}?_method=DELETE"))
        .header(name, value)
        .header("x-http-method-override", "DELETE");
    request.send().await.unwrap();
    let after = cast.server.select(live).await;
    let count = |rows: &[String]| rows[0].parse::<i64>().unwrap();
    assert_eq!(
        count(&after),
        count(&before) + 1,
        "SF-17 {path}: the new one alone"
    );
}

#[tokio::test]
async fn whatever_only_reads_changes_nothing() {
    let cast = Cast::assemble().await;
    let readers = TABLE.iter().filter(|line| match line.kind {
        Kind::Page | Kind::Reader => true,
        Kind::Writer => false,
        Kind::Route => line.method.is_safe(),
    });

    for line in readers {
        for kind in [Proof::Cookie, Proof::Token] {
            // Its own sign-in, and the one that it could be about; a proof; and the two events of their beginning.
            let expected = rows(&cast).await.len() + 2 + 1 + 2;
            cast.ask(line, Asker::Owner(kind)).await;
            let found = rows(&cast).await;
            assert_eq!(found.len(), expected, "SF-04 {}", line.path);
            assert!(
                found.iter().all(|row| !row.ends_with(" ended")),
                "SF-04 {}",
                line.path
            );
        }
    }
}

/// Every person, every sign-in with its end, every proof and every event.
async fn rows(cast: &Cast) -> Vec<String> {
    cast.server
        .select(
            "SELECT 'user ' || id || password_hash FROM users \
             UNION ALL SELECT 'sign-in ' || id || CASE WHEN revoked_at IS NULL THEN '' ELSE ' ended' END FROM sign_ins \
             UNION ALL SELECT 'session ' || id_hash || data FROM sessions \
             UNION ALL SELECT 'token ' || secret_hash || CASE WHEN spent_at IS NULL THEN '' ELSE ' ended' END FROM refresh_tokens \
             UNION ALL SELECT 'event ' || id FROM audit_events",
        )
        .await
}

#[tokio::test]
async fn what_has_no_line_is_not_there() {
    let cast = Cast::assemble().await;
    let proof = cast.proof(Asker::Owner(Proof::Cookie)).await.unwrap();

    for path in [
        "/account/x.css",
        "/account/devices/x.js",
        "/Account",
        "/accounting",
        "/nowhere",
        "/pkg",
        "/api",
        "/api/nothing",
        "/api/account/x.css",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/me/x.css",
        "/healthz/x",
        "/.env",
        "/..%2f.env",
    ] {
        for proof in [None, Some(&proof)] {
            let mut request = cast.request("GET", path);
            if let Some((name, value)) = proof {
                request = request.header(*name, value);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 404, "FE-13 {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "FE-13 {path}");
            assert!(!answer.body.contains("Member since"), "FE-13 {path}");
        }
    }
}
