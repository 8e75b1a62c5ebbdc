//! Whoever is refused gets a reference that says nothing; under it the log and the audit trail say precisely why (AU-03, EN-01).

use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::program::{ME, TOKEN, ask_with, credentials, post_json};
use crate::support::trail::noted_by;
use crate::support::{Answer, Browser, Database, EMAIL, Mode, TestServer};
use crate::{only_in, only_on};

const WRONG: &str = "a wrong password";
const UNKNOWN: &str = "nobody@example.com";

#[tokio::test]
async fn two_refusals_that_look_the_same_are_told_apart_in_the_trail_by_their_references() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let browser = server.browser();

    let wrong = post_json(&browser, TOKEN, &credentials(EMAIL, WRONG)).await;
    let unknown = post_json(&browser, TOKEN, &credentials(UNKNOWN, WRONG)).await;

    assert_ne!(wrong.body, unknown.body, "each has its own reference");
    assert_eq!(
        wrong.body_of_any_reference(),
        unknown.body_of_any_reference(),
        "EN-01"
    );
    let row = "sign_in_refused wrong_password password ada@example.com";
    assert_eq!(noted_by(&server, &wrong).await, [row]);
    let row = "sign_in_refused unknown_address password nobody";
    assert_eq!(noted_by(&server, &unknown).await, [row]);
}

#[tokio::test]
async fn whatever_refuses_a_program_names_the_request() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let token = "Bearer x.y.z";

    for (method, path, headers) in [
        ("GET", ME, vec![]),
        ("GET", ME, vec![("authorization", token)]),
        ("GET", ME, vec![("accept-encoding", "gzip, br")]),
        ("PATCH", ME, vec![]),
        ("HEAD", "/api/v1/nothing", vec![]),
        ("GET", "/api/v1/nothing", vec![]),
        ("POST", TOKEN, vec![]),
        ("POST", TOKEN, vec![("origin", "https://evil.example")]),
    ] {
        let answer = ask_with(&browser, method, path, &headers).await;
        if method == "HEAD" {
            assert_eq!(answer.body, "");
            continue;
        }
        let instance = format!("urn:uuid:{}", answer.header("x-request-id"));
        assert_eq!(answer.json()["instance"], instance, "{method} {path}");
        assert_eq!(answer.header("content-encoding"), "", "{method} {path}");
    }
}

#[tokio::test]
async fn a_form_without_scripts_shows_the_reference_of_what_was_refused_once() {
    only_in!(
        Mode::CookieSession,
        "token mode needs scripts, which read the header: end2end/tests/security.spec.ts"
    );
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut browser = server.browser();

    for (email, why) in [
        (
            EMAIL,
            "sign_in_refused wrong_password password ada@example.com",
        ),
        (UNKNOWN, "sign_in_refused unknown_address password nobody"),
    ] {
        let fields = [("email", email), ("password", WRONG)];
        let refused = browser.post_form("/sign-in", "/api/sign_in", &fields).await;
        let page = browser.get("/sign-in").await;
        let later = browser.get("/sign-in").await;

        assert!(
            shows(&page, refused.header("x-request-id")),
            "{}",
            page.body
        );
        assert_eq!(noted_by(&server, &refused).await, [why]);
        assert!(!later.body.contains("Reference"));
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_has_its_own_reference() {
    let server = TestServer::start().await;
    let request = server
        .browser()
        .bare("GET", "/")
        .header("accept", "text/html")
        .header("cookie", "__Host-session=a; __Host-session=b");

    let page = Answer::of(request.send().await.unwrap()).await;

    assert_eq!(page.status, 400);
    assert!(shows(&page, page.header("x-request-id")), "{}", page.body);
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_after_a_form_has_its_own_reference_as_well() {
    only_in!(
        Mode::CookieSession,
        "token mode takes no form without scripts"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let fields = [("email", UNKNOWN), ("password", WRONG)];
    let refused = browser.post_form("/sign-in", "/api/sign_in", &fields).await;
    let flash = &browser.cookies["__Host-flash"].0;
    let request = browser
        .bare("GET", "/sign-in")
        .header("accept", "text/html")
        .header(
            "cookie",
            format!("__Host-flash={flash}; __Host-session=a; __Host-session=b"),
        );

    let page = Answer::of(request.send().await.unwrap()).await;

    assert_eq!(page.status, 400);
    assert!(shows(&page, page.header("x-request-id")), "{}", page.body);
    assert!(!shows(&page, refused.header("x-request-id")));
}

#[tokio::test]
async fn what_is_refused_while_a_page_is_rendered_has_the_reference_of_the_page() {
    only_in!(
        Mode::CookieSession,
        "in token mode a page asks for its data by calls, each with its own reference"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let sql = "ALTER TABLE audit_events RENAME TO elsewhere";
    server.execute(sql.to_owned()).await;

    let page = browser.get("/account/security").await;

    assert!(shows(&page, page.header("x-request-id")), "{}", page.body);
}

#[tokio::test]
async fn what_goes_wrong_while_a_page_is_rendered_is_in_the_log_under_its_reference() {
    only_in!(
        Mode::CookieSession,
        "in token mode nothing is read for a page that is rendered"
    );
    only_on!(Database::Sqlite, "it changes the file below a server");
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    browser.sign_up().await;
    let file = directory.path().join("twofold.db");
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display()))
        .await
        .unwrap();
    let sql = "ALTER TABLE audit_events RENAME TO elsewhere";
    connection.execute(sql).await.unwrap();

    let page = browser.get("/account/security").await;
    process.terminate();
    let (_, log) = process.finish();

    let id = page.header("x-request-id");
    assert!(shows(&page, id), "{}", page.body);
    let is_cause = |line: &str| line.contains(id) && line.contains("no such table");
    assert!(log.lines().any(is_cause), "{id}: {log}");
}

#[tokio::test]
async fn the_log_says_precisely_why_under_the_reference() {
    let directory = TempDir::new().unwrap();
    let process = Process::start(&directory, &[]).await;
    let mut browser = Browser::new(([127, 0, 0, 1], process.port).into());
    let mut stranger = browser.clone();
    browser.sign_up().await;

    let refusals = [
        (browser.sign_in_with(EMAIL, WRONG).await, "wrong_password"),
        (
            browser.sign_in_with(UNKNOWN, WRONG).await,
            "unknown_address",
        ),
        (
            browser.call("/api/end_sign_in", &[("id", "x")]).await,
            "UnknownSignIn",
        ),
        (ask_with(&browser, "GET", ME, &[]).await, "SignedOut"),
        (stranger.call("/api/account", &[]).await, "SignedOut"),
        (
            post_json(&browser, TOKEN, &credentials(UNKNOWN, WRONG)).await,
            "unknown_address",
        ),
    ];

    process.terminate();
    let (_, log) = process.finish();
    for (answer, reason) in refusals {
        let id = answer.header("x-request-id");
        let is_it =
            |line: &&str| line.contains(id) && line.contains("refused") && line.contains(reason);
        assert_eq!(log.lines().filter(is_it).count(), 1, "{reason}: {log}");
    }
}

/// The facts that a page starts from name its request as well, and are not seen.
fn shows(page: &Answer, reference: &str) -> bool {
    let shown = page.body.split("Reference: ").skip(1);
    shown
        .map(|rest| rest.trim_start_matches("<!>"))
        .any(|rest| rest.starts_with(reference))
}
