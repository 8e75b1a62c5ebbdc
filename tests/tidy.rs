//! The layout rules of ARCHITECTURE.md as tests: who may name what, how long a file may be, where a mode may show.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the checkout, and its lines.
struct Source {
    path: String,
    lines: Vec<String>,
}

impl Source {
    /// The lines of the program, without its unit tests and without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines
            .iter()
            .enumerate()
            .map(|(index, line)| (index + 1, line.as_str()))
            .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources(endings: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in [
        "src",
        "app/src",
        "app/jws",
        "app/migrations",
        "fuzz",
        "tests",
        "style",
        "end2end",
        "bin",
    ] {
        walk(&root.join(folder), &mut files);
    }
    let mut sources: Vec<_> = files
        .into_iter()
        .filter(|file| {
            endings
                .iter()
                .any(|ending| file.to_string_lossy().ends_with(ending))
        })
        .map(|file| Source {
            path: file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string(),
            lines: fs::read_to_string(&file)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect(),
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let is_generated = [
            "node_modules",
            "test-results",
            "fuzz/target",
            "fuzz/artifacts",
        ]
        .iter()
        .any(|name| path.ends_with(name));
        match path.is_dir() {
            true if !is_generated => walk(&path, files),
            true => {}
            false => files.push(path),
        }
    }
}

/// Fails with every line of `sources` outside `allowed` for which `is_broken`.
fn forbid(rule: &str, allowed: &[&str], is_broken: impl Fn(&str, &str) -> bool) {
    let broken: Vec<_> = sources(&[".rs"])
        .iter()
        .filter(|source| !source.path.starts_with("tests/"))
        .filter(|source| {
            !allowed
                .iter()
                .any(|allowed| source.path.starts_with(allowed))
        })
        .flat_map(|source| {
            source
                .code()
                .filter(|(_, line)| is_broken(&source.path, line))
                .map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

#[test]
fn no_file_is_longer_than_300_lines() {
    for source in sources(&[
        ".rs",
        ".ts",
        ".css",
        ".sql",
        "bin/test",
        "bin/setup",
        "bin/size",
        "bin/parity",
        "bin/readme-example",
        "bin/fuzz",
        "bin/api-contract",
    ]) {
        assert!(
            source.lines.len() <= 300,
            "{} has {} lines",
            source.path,
            source.lines.len()
        );
    }
}

#[test]
fn every_file_says_first_what_it_owns() {
    for source in sources(&[".rs"]) {
        let first = source.lines.first().map_or("", String::as_str);
        assert!(first.starts_with("//! "), "{}", source.path);
    }
}

#[test]
fn the_mode_is_named_in_the_switch_alone() {
    forbid(
        "only auth.rs names the feature jwt",
        &["app/src/auth.rs"],
        |_, line| line.contains("feature = \"jwt\""),
    );
}

#[test]
fn features_are_asked_for_at_most_16_times_and_never_inside_a_function() {
    let asks = |line: &str| line.contains("cfg") && line.contains("feature = ");
    let count: usize = sources(&[".rs"])
        .iter()
        .filter(|source| !source.path.starts_with("tests/"))
        .map(|source| source.code().filter(|(_, line)| asks(line)).count())
        .sum();
    assert!(count <= 16, "{count} lines ask for a feature");
    forbid(
        "no cfg(feature) inside a function, component or view",
        &[],
        |_, line| asks(line) && line.starts_with(' '),
    );
}

#[test]
fn every_server_function_goes_through_the_client_of_the_mode() {
    forbid("#[server(… client = auth::Client)]", &[], |_, line| {
        line.contains("#[server")
            && !line.contains("default")
            && !line.contains("client = auth::Client")
    });
}

#[test]
fn sql_stays_in_the_store() {
    forbid(
        "only server/store names sqlx",
        &["app/src/server/store"],
        |_, line| line.contains("sqlx::"),
    );
}

#[test]
fn the_session_type_and_the_store_share_one_core() {
    // With two versions of it the traits differ, and what implements the one is no store for the other (T23).
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let cores = lock
        .lines()
        .filter(|line| *line == "name = \"tower-sessions-core\"");
    assert_eq!(cores.count(), 1);
}

#[test]
fn the_environment_is_read_in_one_place() {
    forbid(
        "only src/server/config.rs reads variables",
        &["src/server/config.rs"],
        |_, line| line.contains("env::var") || line.contains("option_env!"),
    );
}

#[test]
fn the_domain_knows_no_framework() {
    forbid(
        "domain uses serde and thiserror alone",
        &[],
        |path, line| {
            path.starts_with("app/src/domain")
                && ["leptos", "axum", "http::", "server::"]
                    .iter()
                    .any(|name| line.contains(name))
        },
    );
}

#[test]
fn the_token_parser_touches_nothing_outside_itself() {
    forbid(
        "jws knows no disk, no network, no clock and no environment",
        &[],
        |path, line| {
            path.starts_with("app/jws")
                && ["std::fs", "std::net", "std::time", "std::env", "http::"]
                    .iter()
                    .any(|name| line.contains(name))
        },
    );
}

#[test]
fn use_cases_and_store_know_no_leptos() {
    let below = [
        "app/src/server/accounts.rs",
        "app/src/server/sign_ins",
        "app/src/server/store",
        "app/src/server/json_api",
    ];
    forbid(
        "accounts, sign_ins, store and the JSON API know no Leptos",
        &[],
        |path, line| below.iter().any(|name| path.starts_with(name)) && line.contains("leptos"),
    );
}

#[test]
fn pages_and_components_never_name_the_server() {
    forbid("pages and components go through api", &[], |path, line| {
        (path.starts_with("app/src/pages") || path.starts_with("app/src/components"))
            && (line.contains("crate::server") || line.contains("leptos_axum"))
    });
}

#[test]
fn the_browsers_own_interface_is_named_in_few_places() {
    forbid(
        "web_sys belongs to auth/jwt/possession.rs and components",
        &["app/src/auth/jwt/possession.rs", "app/src/components"],
        |_, line| line.contains("web_sys::"),
    );
}

#[test]
fn context_is_taken_in_two_files() {
    let allowed = ["app/src/server/services.rs", "app/src/auth/viewer.rs"];
    forbid(
        "use_context only in services.rs and viewer.rs",
        &allowed,
        |_, line| line.contains("use_context") || line.contains("expect_context"),
    );
}

#[test]
fn user_text_can_only_be_text() {
    // Leptos escapes everything but these two (T07, FE-01).
    forbid(
        "no inner_html, no children in <textarea>",
        &[],
        |_, line| {
            line.contains("inner_html") || (line.contains("<textarea") && !line.contains("/>"))
        },
    );
}

#[test]
fn globs_are_for_the_prelude() {
    forbid("no glob import but leptos::prelude", &[], |_, line| {
        line.trim_start().starts_with("use ")
            && line.contains("::*;")
            && !line.contains("leptos::prelude::*")
    });
}

#[test]
fn no_file_is_a_drawer_for_odds_and_ends() {
    for source in sources(&[".rs", ".ts"]) {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        let is_drawer = ["utils.", "util.", "helpers.", "common.", "types.", "misc."]
            .iter()
            .any(|drawer| name.starts_with(drawer));
        assert!(!is_drawer, "{}", source.path);
    }
}
