//! The password once more, before something that a borrowed browser must not do (SU-01).

use std::time::Duration;

use axum::Router;

use crate::only_in;
use crate::support::devices::{
    END_ALL, END_ONE, END_OTHERS, are_signed_in, id_of, list_of, three_browsers,
};
use crate::support::flip::Flip;
use crate::support::{Answer, Browser, Mode, PASSWORD, TestServer};
use app::domain::sign_in::Keep;

pub const CONFIRM: &str = "/api/confirm";
const MINUTE: Duration = Duration::from_secs(60);
const PAGE: &str = "/account/devices";

/// Lets time pass for a browser that stays open: it renews its token in time.
async fn let_pass(server: &TestServer, browser: &mut Browser, minutes: u32) {
    for _ in 0..minutes {
        server.let_pass(MINUTE);
        if browser.token.is_some() {
            assert_eq!(browser.call("/api/refresh", &[]).await.status, 200);
        }
        assert!(browser.viewer().await.is_some(), "busy all the time");
    }
}

async fn confirm(browser: &mut Browser, password: &str) -> Answer {
    browser.call(CONFIRM, &[("password", password)]).await
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.error())
}

fn needs_confirmation() -> (u16, String) {
    (401, "confirmation_needed".to_owned())
}

#[tokio::test]
async fn ten_minutes_after_the_password_nothing_is_ended_until_it_is_given_again() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let victim = id_of(&list_of(&mut browsers[0]).await[1]);
    let fields = [("id", victim.as_str())];
    let_pass(&server, &mut browsers[0], 10).await;

    for part in [END_ONE, END_OTHERS, END_ALL] {
        let answer = browsers[0].call(part, &fields).await;
        assert_eq!(refusal(&answer), needs_confirmation(), "SE-12 {part}");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="twofold", error="insufficient_user_authentication", max_age=600"#,
            "RFC 9470 {part}"
        );
    }
    let rows = server
        .select("SELECT id FROM sign_ins WHERE revoked_at IS NULL")
        .await;
    assert_eq!(rows.len(), 3, "nothing has ended");

    let confirmed = confirm(&mut browsers[0], PASSWORD).await;
    assert_eq!(
        (confirmed.status.as_u16(), confirmed.body.as_str()),
        (200, "null")
    );
    for part in [END_ONE, END_OTHERS, END_ALL] {
        let answer = browsers[0].call(part, &fields).await;
        assert_eq!(answer.status, 200, "{part} {}", answer.body);
    }
    assert_eq!(are_signed_in(&mut browsers).await, [false; 3]);
}

#[tokio::test]
async fn being_busy_does_not_prolong_it_and_neither_does_renewing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let_pass(&server, &mut browser, 9).await;
    let in_time = browser.call(END_OTHERS, &[]).await;
    let_pass(&server, &mut browser, 1).await;
    let late = browser.call(END_OTHERS, &[]).await;

    assert_eq!(in_time.status, 200);
    assert_eq!(refusal(&late), needs_confirmation());
}

#[tokio::test]
async fn it_lasts_as_long_as_the_operator_says() {
    let variables = [("TWOFOLD_CONFIRM_MINUTES", "2")];
    let server = TestServer::start_with(&variables, Router::new()).await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let_pass(&server, &mut browser, 2).await;
    let late = browser.call(END_OTHERS, &[]).await;
    confirm(&mut browser, PASSWORD).await;
    let_pass(&server, &mut browser, 1).await;
    let in_time = browser.call(END_OTHERS, &[]).await;

    assert!(late.header("www-authenticate").ends_with("max_age=120"));
    assert_eq!((late.status.as_u16(), in_time.status.as_u16()), (401, 200));
}

#[tokio::test]
async fn a_wrong_password_and_somebody_elses_confirm_nothing() {
    const BOBS: &str = "another long password";
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    ada.sign_up().await;
    bob.call(
        "/api/sign_up",
        &[("email", "bob@example.com"), ("password", BOBS)],
    )
    .await;
    let_pass(&server, &mut ada, 10).await;

    for (password, status, error) in [
        ("not this one", 422, "wrong_password"),
        (BOBS, 422, "wrong_password"),
        ("", 422, "password_missing"),
    ] {
        let fields = [("password", password), ("email", "bob@example.com")];
        let answer = ada.call(CONFIRM, &fields).await;
        assert_eq!(refusal(&answer), (status, error.to_owned()), "SU-01");
        assert_eq!(answer.set_cookies(), Vec::<&str>::new());
    }

    assert_eq!(
        refusal(&ada.call(END_OTHERS, &[]).await),
        needs_confirmation()
    );
    assert!(ada.viewer().await.is_some(), "nobody is signed out by it");
}

#[tokio::test]
async fn a_session_goes_on_under_a_new_id_and_the_old_one_is_dead() {
    only_in!(
        Mode::CookieSession,
        "a token has no id that lasts; what it may do is looked up"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let before = browser.clone();

    let answer = confirm(&mut browser, PASSWORD).await;

    let cookies = answer.set_cookies();
    assert!(
        cookies.len() == 1
            && cookies[0].starts_with("__Host-session=")
            && cookies[0].ends_with("; Path=/"),
        "{cookies:?}"
    );
    assert_ne!(before.cookies, browser.cookies, "SE-02");
    assert_eq!(before.clone().viewer().await, None, "SE-02");
    assert_eq!(
        refusal(&confirm(&mut before.clone(), PASSWORD).await).0,
        401,
        "the old one is no way to a third"
    );
    assert!(browser.viewer().await.is_some());
    assert_eq!(list_of(&mut browser).await.len(), 1, "the same sign-in");
    assert_eq!(server.select("SELECT data FROM sessions").await.len(), 1);
}

#[tokio::test]
async fn a_failure_in_between_confirms_nothing_and_signs_nobody_out() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let_pass(&server, &mut browser, 10).await;
    let table = match crate::support::MODE {
        Mode::CookieSession => "UPDATE ON sessions",
        Mode::Jwt => "UPDATE ON sign_ins",
    };
    server.refuse(table).await;

    let answer = confirm(&mut browser, PASSWORD).await;
    server.refuse_no_more().await;

    assert!(answer.status.is_server_error(), "{}", answer.status);
    assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "SE-16");
    assert_eq!(
        refusal(&browser.call(END_OTHERS, &[]).await),
        needs_confirmation()
    );
    assert_eq!(confirm(&mut browser, PASSWORD).await.status, 200, "SE-16");
}

#[tokio::test]
async fn what_a_node_remembers_makes_nobody_confirmed_or_unconfirmed() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let other_node = server.another_node(&[], Router::new()).await;
    let mut here = server.browser();
    here.sign_up().await;
    let_pass(&server, &mut here, 10).await;
    let mut there = other_node.browser();
    (there.cookies, there.token) = (here.cookies.clone(), here.token.clone());
    // Both nodes know them now, as somebody whose password is old.
    assert!(here.viewer().await.is_some() && there.viewer().await.is_some());

    assert_eq!(
        refusal(&there.call(END_OTHERS, &[]).await),
        needs_confirmation()
    );
    assert_eq!(confirm(&mut here, PASSWORD).await.status, 200);
    there.cookies = here.cookies.clone();

    assert_eq!(here.call(END_OTHERS, &[]).await.status, 200);
    assert_eq!(there.call(END_OTHERS, &[]).await.status, 200, "MI-01");
}

#[tokio::test]
async fn a_sign_in_that_has_ended_cannot_be_confirmed() {
    let server = TestServer::start().await;
    let [mut here, mut there, _] = three_browsers(&server).await;
    here.call(END_OTHERS, &[]).await;

    assert_eq!(confirm(&mut there, PASSWORD).await.status, 401);
    assert_eq!(there.viewer().await, None);
    let stranger = confirm(&mut server.browser(), PASSWORD).await;
    assert_eq!(refusal(&stranger), (401, "signed_out".to_owned()), "SF-10");
}

#[tokio::test]
async fn changing_the_mode_neither_confirms_nor_forgets_it() {
    for (before, after, expected) in [(6, 3, 200), (6, 4, 401)] {
        let old = Flip::begin(Keep::Longer).await;
        let mut browser = old.browser();
        old.server.let_pass(before * MINUTE);
        assert_eq!(old.exchange(&mut browser).await.status, 200);

        let_pass(&old.server, &mut browser, after).await;

        let answer = browser.call(END_OTHERS, &[]).await;
        assert_eq!(answer.status, expected, "{before} and {after} minutes");
    }
}

#[tokio::test]
async fn without_scripts_the_form_leads_to_the_password_and_back() {
    only_in!(
        Mode::CookieSession,
        "token mode needs scripts to keep the token, and says so"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let_pass(&server, &mut browser, 10).await;

    let next = [("next", PAGE)];
    let refused = browser.post_form(PAGE, END_OTHERS, &next).await;
    let page = refused.header("location").to_owned();
    let form = browser.get(&page).await;
    let wrong = [("next", PAGE), ("password", "not this one")];
    let back = browser.post_form(&page, CONFIRM, &wrong).await;
    let told = browser.get(&page).await;
    let right = [("next", PAGE), ("password", PASSWORD)];
    let done = browser.post_form(&page, CONFIRM, &right).await;

    assert_eq!(refused.status, 303);
    assert_eq!(page, "/confirm?next=%2Faccount%2Fdevices");
    for text in [
        "Confirm it's you",
        r#"value="/account/devices""#,
        "Password",
    ] {
        assert!(form.body.contains(text), "{text}: {}", form.body);
    }
    assert_eq!(
        (back.status.as_u16(), back.header("location")),
        (303, page.as_str())
    );
    assert!(
        told.body.contains("This is not your password."),
        "{}",
        told.body
    );
    assert_eq!((done.status.as_u16(), done.header("location")), (303, PAGE));
    let again = browser.post_form(PAGE, END_OTHERS, &next).await;
    assert_eq!(
        (again.status.as_u16(), again.header("location")),
        (303, PAGE)
    );
}
