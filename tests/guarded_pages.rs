//! Pages for signed-in people only.

use app::server::access::{Kind, TABLE};

use crate::only_in;
use crate::support::program::{ME, Program, SIGN_INS};
use crate::support::server::server_with_keyholder;
use crate::support::{Answer, EMAIL, MODE, Mode, TestServer};

const EVENTS: &str = "/api/v1/events";

#[tokio::test]
async fn a_guarded_page_always_answers_the_same_before_anything_is_rendered() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let mut statuses = std::collections::HashSet::new();
    for _ in 0..100 {
        let page = browser.get("/account").await;
        statuses.insert(page.status.as_u16());
        assert!(!page.body.contains("Member since"), "SF-11");
    }

    // Stock `ProtectedRoute` answers half of these with 200 and half with 302 (T17).
    assert_eq!(statuses.len(), 1, "{statuses:?}");
}

#[tokio::test]
async fn an_anonymous_visitor_is_sent_to_sign_in_and_back() {
    only_in!(
        Mode::CookieSession,
        "in token mode the page itself sends them on: end2end/tests"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let page = browser.get("/account?tab=1&x=a%20b").await;

    let next = "/sign-in?next=%2Faccount%3Ftab%3D1%26x%3Da%2520b";
    assert_eq!((page.status.as_u16(), page.header("location")), (303, next));
    assert_eq!(page.body, "");
    let form = browser.get(next).await;
    assert!(
        form.body.contains(r#"value="/account?tab=1&amp;x=a%20b""#),
        "{}",
        form.body
    );
}

#[tokio::test]
async fn below_a_guarded_page_there_is_nothing_for_anybody() {
    let server = TestServer::start().await;
    let (mut stranger, mut member) = (server.browser(), server.browser());
    member.sign_up().await;

    // A cache that goes by the ending would keep a page of the member's under such a name.
    for path in ["/account/x.css", "/account/devices/x.js", "/account;x.png"] {
        for browser in [&mut stranger, &mut member] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404, "FE-13 {path}");
            assert_eq!(page.header("cache-control"), "no-store", "FE-13 {path}");
            assert!(!page.body.contains("Member since"), "FE-13 {path}");
        }
    }
}

#[tokio::test]
async fn in_token_mode_everybody_gets_the_same_neutral_shell() {
    only_in!(
        Mode::Jwt,
        "in cookie mode the page is rendered for the person who asks"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let before = browser.get("/account").await;
    browser.sign_up().await;
    let after = browser.get("/account").await;

    assert_eq!((before.status.as_u16(), after.status.as_u16()), (200, 200));
    assert_eq!(
        without_what_is_new(&before),
        without_what_is_new(&after),
        "RT-14"
    );
    assert!(!after.body.contains(EMAIL));
    assert!(after.body.contains("Checking whether you are signed in"));
    assert!(after.body.contains("<noscript>"));
}

/// The nonces, and the id of the request.
fn without_what_is_new(page: &Answer) -> String {
    let html = page.body.replace(page.header("x-request-id"), "");
    let mut parts = html.split("nonce=\"");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        text.push_str(part.split_once('"').unwrap().1);
    }
    text
}

#[tokio::test]
async fn the_data_behind_a_page_asks_for_itself() {
    let server = TestServer::start().await;

    let answer = server.browser().call("/api/account", &[]).await;

    assert_eq!(
        (answer.status.as_u16(), answer.error().as_str()),
        (401, "signed_out"),
        "SF-10"
    );
}

#[tokio::test]
async fn nothing_that_is_told_to_somebody_is_for_the_database_alone() {
    let (server, mut holder) = server_with_keyholder().await;
    let mut browser = server.browser();
    browser.sign_in().await;
    let mut program = Program::sign_in(&server).await;
    let attempt = Some("the-first-attempt-of-this-program");
    let renewed = program.renew(&program.refresh_token, attempt).await;
    program.keep(&renewed);
    let mut told = vec![("/api/v1/me by a bound token", holder.me().await)];
    for path in [ME, SIGN_INS, EVENTS] {
        told.push((path, program.ask("GET", path).await));
    }
    for line in TABLE {
        match line.kind {
            Kind::Page => told.push((line.path, browser.get(line.path).await)),
            Kind::Reader => told.push((line.path, browser.call(line.path, &[]).await)),
            Kind::Writer | Kind::Route => {}
        }
    }
    told.push(("/nowhere", browser.get("/nowhere").await));

    for (what, rows, shown_by) in PRIVATE {
        let secrets = server.select(rows).await;
        let has_none = MODE == Mode::Jwt && what == "id_hash";
        assert_eq!(secrets.is_empty(), has_none, "{what}");
        for (path, answer) in &told {
            assert!(answer.status != 401 && answer.status != 403, "{path}");
            let is_told = secrets
                .iter()
                .any(|secret| answer.body.contains(secret.as_str()));
            assert_eq!(
                is_told,
                shown_by.contains(path),
                "T18, FE-12: {what} at {path}"
            );
        }
    }
}

/// What is in the database: its name, where it stands, and who shows it all the same. A sign-in is ended by
/// its id, and events name it.
const PRIVATE: [(&str, &str, &[&str]); 9] = [
    ("password_hash", "SELECT password_hash FROM users", &[]),
    ("user_id", "SELECT id FROM users", &[]),
    ("sign_in_id", "SELECT id FROM sign_ins", LISTS),
    (
        "bound_to",
        "SELECT bound_to FROM sign_ins WHERE bound_to IS NOT NULL",
        &[],
    ),
    ("id_hash", "SELECT id_hash FROM sessions", &[]),
    ("secret_hash", "SELECT secret_hash FROM refresh_tokens", &[]),
    (
        "successor_seed",
        "SELECT successor_seed FROM refresh_tokens WHERE successor_seed IS NOT NULL",
        &[],
    ),
    (
        "attempt_hash",
        "SELECT attempt_hash FROM refresh_tokens WHERE attempt_hash IS NOT NULL",
        &[],
    ),
    ("device_hash", "SELECT device_hash FROM known_devices", &[]),
];
/// In token mode the page has nothing, and the call behind it everything.
const LISTS: &[&str] = match MODE {
    Mode::CookieSession => &["/account/devices", "/api/sign_ins", SIGN_INS, EVENTS],
    Mode::Jwt => &["/api/sign_ins", SIGN_INS, EVENTS],
};
