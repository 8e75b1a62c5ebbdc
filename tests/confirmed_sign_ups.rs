//! An account that is made only once its address is confirmed, by a link in a mail and the password that was chosen.

use std::time::Duration;

use crate::only_in;
use crate::support::confirming::{
    CONFIRM, OTHER, SIGN_UP, asked, confirm, confirmed, opened, people, server_with, sign_up,
};
use crate::support::mailbox::{Mailbox, Mood};
use crate::support::trail::noted_by;
use crate::support::{Browser, EMAIL, Mode, PASSWORD};

#[tokio::test]
async fn the_link_and_the_password_make_the_account_and_sign_in() {
    let (server, _mailbox, letter) = asked().await;
    assert_eq!(letter.header("Subject"), "Confirm your address");
    assert_eq!(people(&server).await, Vec::<String>::new());
    let mut browser = opened(&server, &letter).await;
    let shown = browser.call("/api/address_link", &[]).await;

    let answer = confirm(&mut browser, PASSWORD).await;

    assert_eq!(shown.json()["For"], EMAIL);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(server.browser().sign_in().await.status, 200);
    let noted = noted_by(&server, &answer).await;
    assert_eq!(
        noted,
        [
            format!("signed_up - password {EMAIL}"),
            format!("signed_in - password {EMAIL}")
        ],
        "AU-01"
    );
    for table in [
        "SELECT id FROM sign_ups",
        "SELECT subject FROM links",
        "SELECT id FROM mails",
    ] {
        assert!(server.select(table).await.is_empty(), "{table}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_answers_like_a_new_one_and_its_owner_is_told() {
    let (server, mailbox) = confirmed().await;

    let taken = sign_up(&server, EMAIL, OTHER).await;
    let new = sign_up(&server, "new@example.com", OTHER).await;
    let form = async |email: &str| {
        let fields = [
            ("email", email),
            ("password", OTHER),
            ("next", "/verify-email"),
        ];
        server
            .browser()
            .post_form("/sign-up", SIGN_UP, &fields)
            .await
    };
    let (taken_form, new_form) = (form(EMAIL).await, form("other@example.com").await);

    for (one, other) in [(&taken, &new), (&taken_form, &new_form)] {
        assert_eq!(one.told(), other.told(), "EN-03");
    }
    for answer in [&taken, &new] {
        assert_eq!(
            noted_by(&server, answer).await,
            ["sign_up_asked - session nobody"],
            "AU-01"
        );
    }
    let letters = mailbox.settled(&server).await;
    let subject_of = |email: &str| {
        let own = letters.iter().rfind(|letter| letter.to == [email]);
        own.map(|letter| letter.header("Subject").to_owned())
    };
    assert_eq!(
        subject_of(EMAIL).as_deref(),
        Some("You have an account already"),
        "EN-03"
    );
    assert_eq!(
        subject_of("new@example.com").as_deref(),
        Some("Confirm your address"),
        "EN-03"
    );
    assert_eq!(
        server.browser().sign_in().await.status,
        200,
        "the password is as it was"
    );
    assert_eq!(
        server.browser().sign_in_with(EMAIL, OTHER).await.status,
        401
    );
}

#[tokio::test]
async fn whoever_signs_up_with_an_address_that_is_not_theirs_gets_nothing_and_leaves_nothing() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    sign_up(&server, EMAIL, OTHER).await;
    let of_attacker = mailbox.wait_for_one().await;
    sign_up(&server, EMAIL, PASSWORD).await;
    let own = mailbox.wait_for(2).await.pop().unwrap();

    // The owner opens the wrong mail first.
    let refused = confirm(&mut opened(&server, &of_attacker).await, PASSWORD).await;
    let made = confirm(&mut opened(&server, &own).await, PASSWORD).await;

    assert_eq!(
        (refused.status.as_u16(), refused.error().as_str()),
        (422, "wrong_password"),
        "RE-08"
    );
    assert_eq!(made.status, 200);
    assert_eq!(
        server.browser().sign_in_with(EMAIL, OTHER).await.status,
        401,
        "RE-08"
    );
    let late = confirm(&mut opened(&server, &of_attacker).await, OTHER).await;
    assert_eq!(late.status, 410, "RE-08");
    assert_eq!(people(&server).await, [EMAIL]);
}

#[tokio::test]
async fn somebody_elses_sign_up_with_the_same_address_is_in_no_ones_way() {
    let mailbox = Mailbox::open().await;
    mailbox.be(Mood::HangsUp);
    let server = server_with(&mailbox, &[]).await;
    sign_up(&server, EMAIL, PASSWORD).await;
    sign_up(&server, EMAIL, OTHER).await;
    mailbox.settled(&server).await;
    mailbox.be(Mood::Takes);
    server.let_pass(Duration::from_secs(5 * 60));
    let letters = mailbox.wait_for(2).await;

    // Each link is for its own sign-up, in whichever order they come.
    let mut statuses = Vec::new();
    for letter in &letters {
        statuses.push(
            confirm(&mut opened(&server, letter).await, PASSWORD)
                .await
                .status
                .as_u16(),
        );
    }
    statuses.sort_unstable();
    assert!(
        [[200, 410], [200, 422]].contains(&[statuses[0], statuses[1]]),
        "RE-08 {statuses:?}"
    );
    assert_eq!(server.browser().sign_in().await.status, 200);
}

#[tokio::test]
async fn whoever_has_the_link_and_not_the_password_chooses_another() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    sign_up(&server, EMAIL, OTHER).await;
    let letter = mailbox.wait_for_one().await;
    let anew = async |browser: &mut Browser, email: &str, password: &str| {
        let fields = [("email", email), ("password", password)];
        let answer = browser.call("/api/confirm_address_anew", &fields).await;
        (answer.status.as_u16(), answer.error())
    };

    let stranger = anew(&mut server.browser(), EMAIL, PASSWORD).await;
    let mut browser = opened(&server, &letter).await;
    let other = anew(&mut browser, "eve@example.com", PASSWORD).await;
    let common = anew(&mut browser, EMAIL, "Password2026!").await;
    let made = anew(&mut browser, EMAIL, PASSWORD).await;

    assert_eq!(stranger, (410, "dead_link".to_owned()));
    assert_eq!(
        other,
        (410, "dead_link".to_owned()),
        "the page showed another"
    );
    assert_eq!(common, (422, "password_common".to_owned()), "PW-08");
    assert_eq!(made.0, 200, "RE-08 {made:?}");
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(server.browser().sign_in().await.status, 200);
    let attacker = server.browser().sign_in_with(EMAIL, OTHER).await;
    assert_eq!(attacker.status, 401, "RE-08");
}

#[tokio::test]
async fn before_it_is_confirmed_a_sign_in_is_refused_like_any_other() {
    let (server, _mailbox, _) = asked().await;

    let waiting = server.browser().sign_in_with(EMAIL, PASSWORD).await;
    let wrong = server.browser().sign_in_with(EMAIL, OTHER).await;
    let unknown = server
        .browser()
        .sign_in_with("nobody@example.com", PASSWORD)
        .await;

    for answer in [&wrong, &unknown] {
        assert_eq!(answer.told(), waiting.told(), "EN-01");
    }
    assert_eq!(waiting.error(), "wrong_credentials");
}

#[tokio::test]
async fn it_works_without_scripts() {
    only_in!(
        Mode::CookieSession,
        "a page without scripts has no token to keep: end2end/tests/confirmed_sign_up.spec.ts"
    );
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[]).await;
    let mut browser = server.browser();
    let page = browser.get("/sign-up").await;
    let fields = [
        ("email", EMAIL),
        ("password", PASSWORD),
        ("next", "/verify-email"),
    ];

    let asked = browser.post_form("/sign-up", SIGN_UP, &fields).await;
    let waiting = browser.get("/verify-email").await;
    let letter = mailbox.wait_for_one().await;
    browser.get(&letter.link()).await;
    let wrong = [("password", OTHER), ("next", "/account")];
    let refused = browser.post_form("/verify-email", CONFIRM, &wrong).await;
    let form = browser.get("/verify-email").await;
    let right = [("password", PASSWORD), ("next", "/account")];
    let done = browser.post_form("/verify-email", CONFIRM, &right).await;

    assert!(
        page.body.contains(r#"name="next" value="/verify-email""#),
        "{}",
        page.body
    );
    assert_eq!(asked.header("location"), "/verify-email");
    assert!(
        waiting.body.contains("a mail is on its way to you"),
        "{}",
        waiting.body
    );
    assert_eq!(refused.header("location"), "/verify-email");
    assert!(
        form.body.contains("This is not your password."),
        "{}",
        form.body
    );
    assert_eq!(done.header("location"), "/account");
    assert_eq!(browser.get("/account").await.status, 200);
}
