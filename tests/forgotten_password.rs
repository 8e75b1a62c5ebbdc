//! A new password by a link in a mail.

use std::time::Duration;

use futures::future::join_all;

use crate::mail::server_with;
use crate::only_in;
use crate::password_change::{NEW, change};
use crate::support::devices::{are_signed_in, three_browsers};
use crate::support::mailbox::Mailbox;
use crate::support::reset::{ASK, LOOK, SET, ask, asked, dead, opened, set, sign_in_with};
use crate::support::trail::noted_by;
use crate::support::{EMAIL, Mode, PASSWORD};

#[tokio::test]
async fn the_link_sets_a_new_password_ends_every_sign_in_and_begins_none() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    let mut browsers = three_browsers(&server).await;
    ask(&server, EMAIL).await;
    let letter = mailbox.wait_for_one().await;
    let mut browser = opened(&server, &letter).await;
    let shown = browser.call(LOOK, &[]).await;

    let answer = browser
        .call(SET, &[("email", EMAIL), ("password", NEW)])
        .await;

    assert_eq!(shown.json()["For"], EMAIL);
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "null")
    );
    assert_eq!(are_signed_in(&mut browsers).await, [false; 3], "RE-03");
    assert!(browser.viewer().await.is_none(), "RE-03");
    assert_eq!(sign_in_with(&server, PASSWORD).await, 401);
    assert_eq!(sign_in_with(&server, NEW).await, 200);
    let letters = mailbox.wait_for(2).await;
    assert_eq!(
        letters[1].header("Subject"),
        "Your password was changed",
        "RE-03"
    );
    let noted = noted_by(&server, &answer).await;
    assert_eq!(noted[0], format!("password_reset - link {EMAIL}"), "AU-01");
    assert_eq!(noted.len(), 4, "AU-01: and each end: {noted:?}");
}

#[tokio::test]
async fn a_link_is_good_once() {
    let (server, _mailbox, letter) = asked().await;
    let mut browser = opened(&server, &letter).await;
    let mut copy = opened(&server, &letter).await;

    let first = set(&mut browser, NEW).await;

    assert_eq!(first.0, 200);
    assert_eq!(
        set(&mut copy, "a third quiet harbour").await,
        dead(),
        "RE-01"
    );
    assert_eq!(copy.call(LOOK, &[]).await.body, "\"Dead\"");
    assert_eq!(
        set(&mut browser, NEW).await,
        dead(),
        "the browser forgot it"
    );
    assert_eq!(sign_in_with(&server, NEW).await, 200);
}

#[tokio::test]
async fn of_many_uses_at_once_one_succeeds() {
    let (server, _mailbox, letter) = asked().await;
    let browser = opened(&server, &letter).await;

    let answers = join_all((0..20).map(|_| {
        let mut browser = browser.clone();
        async move { set(&mut browser, NEW).await.0 }
    }))
    .await;

    let count = |status| answers.iter().filter(|one| **one == status).count();
    assert_eq!(count(200), 1, "RE-02 {answers:?}");
    assert_eq!(count(410) + count(503), 19, "RE-02 {answers:?}");
}

#[tokio::test]
async fn a_later_link_or_password_or_half_an_hour_ends_a_link() {
    let (server, mailbox, first) = asked().await;

    ask(&server, EMAIL).await;
    let second = mailbox.wait_for(2).await.pop().unwrap();
    assert_eq!(
        set(&mut opened(&server, &first).await, NEW).await,
        dead(),
        "RE-01 a later one"
    );
    let mut browser = server.browser();
    browser.sign_in().await;
    change(&mut browser, PASSWORD, NEW).await;
    mailbox.wait_for(3).await;
    assert_eq!(
        set(&mut opened(&server, &second).await, "a third quiet harbour").await,
        dead(),
        "RE-01 the password was changed"
    );
    ask(&server, EMAIL).await;
    let third = mailbox.wait_for(4).await.pop().unwrap();
    server.let_pass(Duration::from_secs(30 * 60));
    assert_eq!(
        set(&mut opened(&server, &third).await, "a third quiet harbour").await,
        dead(),
        "RE-01 half an hour"
    );
    assert_eq!(sign_in_with(&server, NEW).await, 200);
}

#[tokio::test]
async fn a_disabled_account_gets_no_link_and_one_from_before_is_dead() {
    let (server, mailbox, letter) = asked().await;
    server
        .execute("UPDATE users SET disabled_at = 1".to_owned())
        .await;

    let answer = ask(&server, EMAIL).await;

    assert_eq!(answer.status, 200, "EN-04");
    assert_eq!(mailbox.settled(&server).await.len(), 1);
    assert_eq!(set(&mut opened(&server, &letter).await, NEW).await, dead());
}

#[tokio::test]
async fn a_password_that_nobody_may_choose_leaves_the_link_as_it_is() {
    let (server, _mailbox, letter) = asked().await;
    let mut browser = opened(&server, &letter).await;

    for (new, error) in [
        ("", "password_missing"),
        ("elevenchars", "password_too_short"),
        ("Password2026!", "password_common"),
        (EMAIL, "password_personal"),
        ("twofold12345", "password_personal"),
    ] {
        assert_eq!(
            set(&mut browser, new).await,
            (422, error.to_owned()),
            "PW-08 {new}"
        );
    }

    assert_eq!(set(&mut browser, NEW).await.0, 200);
}

#[tokio::test]
async fn whoever_guessed_too_often_and_set_a_new_password_need_not_wait() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[("TWOFOLD_GUESSES_PER_ACCOUNT", "2")]).await;
    server.browser().sign_up().await;
    for _ in 0..3 {
        sign_in_with(&server, "a wrong password").await;
    }
    assert_eq!(sign_in_with(&server, PASSWORD).await, 429);

    ask(&server, EMAIL).await;
    let letter = mailbox.wait_for_one().await;
    let mut browser = opened(&server, &letter).await;
    set(&mut browser, NEW).await;

    assert_eq!(sign_in_with(&server, NEW).await, 200);
    for number in 2..60 {
        let stranger = server.browser().at(&format!("127.0.0.{number}"));
        for _ in 0..2 {
            stranger
                .clone()
                .sign_in_with(EMAIL, "a wrong password")
                .await;
        }
    }
    assert_eq!(sign_in_with(&server, NEW).await, 429);
    let known = browser.sign_in_with(EMAIL, NEW).await;
    assert_eq!(known.status, 200, "TH-02: the browser is a known one");
}

#[tokio::test]
async fn a_link_that_is_opened_meanwhile_changes_no_other_password() {
    let (server, mailbox, letter) = asked().await;
    server.browser().sign_up_as("eve@example.com").await;
    ask(&server, "eve@example.com").await;
    let of_eve = mailbox.wait_for(2).await.pop().unwrap();
    let mut browser = opened(&server, &letter).await;

    browser.get(&of_eve.link()).await;
    assert_eq!(set(&mut browser, NEW).await, dead());
    let made_up = format!("/reset-password?token={}", "A".repeat(43));
    let mut browser = opened(&server, &letter).await;
    browser.get(&made_up).await;
    assert_eq!(set(&mut browser, NEW).await.0, 200, "RE-06");

    let mut eve = server.browser();
    let answer = eve.sign_in_with("eve@example.com", PASSWORD).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn it_works_without_scripts() {
    only_in!(
        Mode::CookieSession,
        "a page without scripts has no token to keep: end2end/tests/forgotten_password.spec.ts"
    );
    let (server, mailbox, _) = asked().await;
    let mut browser = server.browser();
    let fields = [("email", EMAIL), ("next", "/reset-password")];

    let asked = browser.post_form("/forgot-password", ASK, &fields).await;
    let waiting = browser.get("/reset-password").await;
    let letter = mailbox.wait_for(2).await.pop().unwrap();
    browser.get(&letter.link()).await;
    let short = [
        ("email", EMAIL),
        ("password", "short"),
        ("next", "/sign-in"),
    ];
    let refused = browser.post_form("/reset-password", SET, &short).await;
    let page = browser.get("/reset-password").await;
    let right = [("email", EMAIL), ("password", NEW), ("next", "/sign-in")];
    let done = browser.post_form("/reset-password", SET, &right).await;

    assert_eq!(asked.header("location"), "/reset-password");
    assert!(
        waiting.body.contains("a link is on its way"),
        "{}",
        waiting.body
    );
    assert_eq!(refused.header("location"), "/reset-password");
    assert!(
        page.body.contains("at least 12 characters"),
        "{}",
        page.body
    );
    assert_eq!(done.header("location"), "/sign-in");
    assert_eq!(sign_in_with(&server, NEW).await, 200);
}
