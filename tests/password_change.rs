//! Another password for somebody who is signed in (PW-12).

use axum::Router;

use crate::only_in;
use crate::support::devices::{are_signed_in, three_browsers};
use crate::support::trail::noted_by;
use crate::support::{Answer, Browser, EMAIL, Mode, PASSWORD, TestServer};

const CHANGE: &str = "/api/change_password";
const PAGE: &str = "/account/password";
pub const NEW: &str = "seven lamps over a quiet harbour";

pub async fn change(browser: &mut Browser, current: &str, new: &str) -> Answer {
    let fields = [("current", current), ("password", new)];
    browser.call(CHANGE, &fields).await
}

async fn sign_in_with(server: &TestServer, password: &str) -> u16 {
    let answer = server.browser().sign_in_with(EMAIL, password).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn the_new_password_is_good_the_old_one_is_not_and_every_other_sign_in_has_ended() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let (cookies, token) = (browsers[0].cookies.clone(), browsers[0].token.clone());

    let changed = change(&mut browsers[0], PASSWORD, NEW).await;

    assert_eq!(
        (changed.status.as_u16(), changed.body.as_str()),
        (200, "null")
    );
    assert_eq!(
        are_signed_in(&mut browsers).await,
        [true, false, false],
        "PW-12"
    );
    assert_eq!(sign_in_with(&server, PASSWORD).await, 401);
    assert_eq!(sign_in_with(&server, NEW).await, 200);
    let noted = noted_by(&server, &changed).await;
    let events: Vec<_> = noted
        .iter()
        .filter_map(|row| row.split(' ').next())
        .collect();
    let expected = [
        "confirmed",
        "password_changed",
        "sign_in_ended",
        "sign_in_ended",
    ];
    assert_eq!(events, expected, "AU-01");
    let mut before = server.browser();
    (before.cookies, before.token) = (cookies, token);
    let has_new_id = before.token.is_none();
    assert_eq!(
        before.viewer().await.is_none(),
        has_new_id,
        "SE-02: a session has another id"
    );
}

#[tokio::test]
async fn without_the_current_password_nothing_changes() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;

    for current in ["", "a wrong password", NEW] {
        let refused = change(&mut browsers[0], current, NEW).await;
        assert_eq!(
            (refused.status.as_u16(), refused.error().as_str()),
            (422, "wrong_password"),
            "PW-12 {current}"
        );
    }

    assert_eq!(are_signed_in(&mut browsers).await, [true; 3]);
    assert_eq!(sign_in_with(&server, PASSWORD).await, 200);
    let stranger = change(&mut server.browser(), PASSWORD, NEW).await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn a_password_that_nobody_may_sign_up_with_is_no_new_one() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;

    for (new, error) in [
        ("", "password_missing"),
        ("elevenchars", "password_too_short"),
        ("Password2026!", "password_common"),
        ("unbelievable", "password_common"),
        (EMAIL, "password_personal"),
        ("twofold12345", "password_personal"),
    ] {
        let refused = change(&mut browsers[0], PASSWORD, new).await;
        assert_eq!(
            (refused.status.as_u16(), refused.error().as_str()),
            (422, error),
            "PW-08 {new}"
        );
    }

    assert_eq!(are_signed_in(&mut browsers).await, [true; 3]);
    assert_eq!(sign_in_with(&server, PASSWORD).await, 200);
}

#[tokio::test]
async fn guesses_at_the_current_password_are_limited_like_those_at_any() {
    let few = [("TWOFOLD_GUESSES_PER_ACCOUNT", "3")];
    let server = TestServer::start_with(&few, Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    for _ in 0..3 {
        change(&mut browser, "a wrong password", NEW).await;
    }
    let refused = change(&mut browser, PASSWORD, NEW).await;

    assert_eq!(refused.status, 429, "TH-07");
    assert_ne!(refused.header("retry-after"), "");
    assert!(browser.viewer().await.is_some(), "and nobody is signed out");
}

#[tokio::test]
async fn it_works_without_scripts_and_says_what_is_wrong() {
    only_in!(
        Mode::CookieSession,
        "a token is sent by the page's script: end2end/tests/password.spec.ts"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let wrong = [("current", "a wrong password"), ("password", NEW)];
    let right = [
        ("current", PASSWORD),
        ("password", NEW),
        ("next", "/account/security"),
    ];

    let refused = browser.post_form(PAGE, CHANGE, &wrong).await;
    let page = browser.get(PAGE).await;
    let changed = browser.post_form(PAGE, CHANGE, &right).await;
    let security = browser.get("/account/security").await;

    assert_eq!(
        (refused.status.as_u16(), refused.header("location")),
        (303, PAGE)
    );
    assert!(
        page.body.contains("This is not your password."),
        "{}",
        page.body
    );
    assert_eq!(changed.header("location"), "/account/security");
    assert!(
        security.body.contains("Changed the password"),
        "{}",
        security.body
    );
    assert_eq!(sign_in_with(&server, NEW).await, 200);
}

#[tokio::test]
async fn of_two_changes_at_once_one_succeeds() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let (first, rest) = browsers.split_at_mut(1);

    let (one, other) = tokio::join!(
        change(&mut first[0], PASSWORD, NEW),
        change(&mut rest[0], PASSWORD, "a third quiet harbour, further on"),
    );

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "{} {}", one.body, other.body);
    assert!(
        [401, 422].contains(&statuses[1]),
        "{} {}",
        one.body,
        other.body
    );
    let in_one = are_signed_in(&mut browsers).await;
    assert_eq!(in_one.iter().filter(|is| **is).count(), 1, "{in_one:?}");
}

#[tokio::test]
async fn no_browser_but_this_one_is_known_any_more() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let known = "SELECT count(*) FROM known_devices";
    let before = server.select(known).await;

    change(&mut browsers[0], PASSWORD, NEW).await;

    assert_eq!(
        (before, server.select(known).await),
        (vec!["3".to_owned()], vec!["1".to_owned()]),
        "TH-02"
    );
}
