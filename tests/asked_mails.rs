//! Mails that anybody can ask for with any address: what the answer tells, and how many there are.

use std::time::Duration;

use axum::Router;

use crate::mail::server_with;
use crate::password_change::{NEW, change};
use crate::support::confirming::{self, OTHER, confirmed, sign_up};
use crate::support::mailbox::Mailbox;
use crate::support::reset::{ASK, ask, asked};
use crate::support::trail::noted_by;
use crate::support::{EMAIL, PASSWORD, TestServer};

#[tokio::test]
async fn whether_there_is_an_account_changes_nothing_in_the_answer() {
    let (server, mailbox, _) = asked().await;
    let known = ask(&server, EMAIL).await;
    let unknown = ask(&server, "nobody@example.com").await;
    let form = async |email: &str| {
        let fields = [("email", email), ("next", "/reset-password")];
        server
            .browser()
            .post_form("/forgot-password", ASK, &fields)
            .await
    };
    let (known_form, unknown_form) = (form(EMAIL).await, form("nobody@example.com").await);

    for (one, other) in [(&known, &unknown), (&known_form, &unknown_form)] {
        assert_eq!(one.told(), other.told(), "EN-04");
    }
    let letters = mailbox.settled(&server).await;
    assert!(
        letters.iter().all(|letter| letter.to == [EMAIL]),
        "{letters:?}"
    );
    for answer in [&known, &unknown] {
        assert_eq!(
            noted_by(&server, answer).await,
            ["reset_asked - session nobody"],
            "AU-01"
        );
    }
}

#[tokio::test]
async fn a_mailbox_gets_five_links_and_is_still_told_what_happened() {
    let (server, mailbox, _) = asked().await;

    for _ in 0..49 {
        assert_eq!(ask(&server, EMAIL).await.status, 200, "TH-08");
    }
    let letters = mailbox.settled(&server).await;
    assert_eq!(letters.len(), 5, "TH-08: at once");
    let mut browser = server.browser();
    browser.sign_in().await;
    change(&mut browser, PASSWORD, NEW).await;
    let told = mailbox.wait_for(6).await.pop().unwrap();
    mailbox.settled(&server).await;

    assert_eq!(told.header("Subject"), "Your password was changed");
    assert_eq!(
        server.select("SELECT id FROM mails").await,
        Vec::<String>::new()
    );
    server.let_pass(Duration::from_secs(60 * 60));
    ask(&server, EMAIL).await;
    mailbox.wait_for(7).await;
}

#[tokio::test]
async fn nobody_uses_up_what_the_owner_of_a_mailbox_waits_for() {
    let (server, mailbox) = confirmed().await;
    for _ in 0..10 {
        sign_up(&server, EMAIL, OTHER).await;
    }
    let unwanted = mailbox.settled(&server).await.len() - 1;

    ask(&server, EMAIL).await;
    let letter = mailbox.wait_for(unwanted + 2).await.pop().unwrap();

    assert_eq!(
        unwanted,
        5 - 1,
        "TH-08: the first was for the account itself"
    );
    assert_eq!(letter.header("Subject"), "Set a new password");
}

#[tokio::test]
async fn spellings_of_one_mailbox_have_one_count_and_leave_its_owners_alone() {
    let mailbox = Mailbox::open().await;
    let server = confirming::server_with(&mailbox, &[]).await;
    for number in 0..10 {
        sign_up(&server, &format!("ada+{number}@example.com"), OTHER).await;
    }
    let by_tag = mailbox.settled(&server).await.len();

    sign_up(&server, EMAIL, PASSWORD).await;
    let letter = mailbox.wait_for(by_tag + 1).await.pop().unwrap();

    assert_eq!(by_tag, 5, "TH-08");
    assert_eq!(letter.to, [EMAIL]);
}

#[tokio::test]
async fn one_address_asks_for_so_many_mails() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[("TWOFOLD_MAILS_PER_ADDRESS", "3")]).await;

    for number in 0..3 {
        assert_eq!(
            ask(&server, &format!("a{number}@example.com")).await.status,
            200
        );
    }
    let refused = ask(&server, EMAIL).await;
    let again = server
        .browser()
        .call("/api/ask_to_confirm", &[("email", EMAIL)])
        .await;
    let elsewhere = server
        .browser()
        .at("127.0.0.2")
        .call(ASK, &[("email", EMAIL)])
        .await;

    assert_eq!(
        (refused.status.as_u16(), again.status.as_u16()),
        (429, 429),
        "TH-07"
    );
    assert_ne!(refused.header("retry-after"), "");
    assert_eq!(
        noted_by(&server, &refused).await,
        ["mail_refused throttled session nobody"]
    );
    assert_eq!(elsewhere.status, 200);
}

#[tokio::test]
async fn an_address_that_would_break_out_of_its_header_is_none() {
    let (server, mailbox, _) = asked().await;

    for email in [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nSubject: x",
        "ada@example.com,eve@example.com",
        "ada@example.com;eve@example.com",
        "<ada@example.com>",
        "Eve <ada@example.com>",
        "ada@example.com\0",
    ] {
        for path in [ASK, "/api/ask_to_confirm"] {
            let answer = server.browser().call(path, &[("email", email)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.error().as_str()),
                (422, "email_malformed"),
                "FE-17 {email:?}"
            );
        }
    }

    assert_eq!(mailbox.settled(&server).await.len(), 1, "FE-17");
}

#[tokio::test]
async fn a_site_without_mail_says_so() {
    let off = [("TWOFOLD_MAIL_URL", "off")];
    let server = TestServer::start_with(&off, Router::new()).await;
    server.browser().sign_up().await;

    let refused = ask(&server, EMAIL).await;
    let page = server.browser().get("/forgot-password").await;
    let sign_in = server.browser().get("/sign-in").await;

    assert_eq!(
        (refused.status.as_u16(), refused.error().as_str()),
        (404, "no_mail")
    );
    assert!(
        page.body.contains("This site sends no mail."),
        "{}",
        page.body
    );
    assert!(!sign_in.body.contains("/forgot-password"));
}
