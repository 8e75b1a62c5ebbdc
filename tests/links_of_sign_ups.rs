//! The link that confirms an address: how long it is good, who gets another, and how often its password may be guessed.

use std::time::Duration;

use futures::future::join_all;

use crate::support::confirming::{
    AGAIN, OTHER, asked, confirm, confirmed, opened, people, server_with, sign_up,
};
use crate::support::mailbox::{Letter, Mailbox};
use crate::support::trail::noted_by;
use crate::support::{EMAIL, PASSWORD};

#[tokio::test]
async fn the_link_is_sent_again_and_only_the_later_one_is_good() {
    let (server, mailbox, first) = asked().await;

    let again = server.browser().call(AGAIN, &[("email", EMAIL)]).await;
    let second = mailbox.wait_for(2).await.pop().unwrap();
    let nobody = server
        .browser()
        .call(AGAIN, &[("email", "nobody@example.com")])
        .await;

    assert_eq!(again.told(), nobody.told(), "EN-04");
    let dead = confirm(&mut opened(&server, &first).await, PASSWORD).await;
    assert_eq!(
        (dead.status.as_u16(), dead.error().as_str()),
        (410, "dead_link")
    );
    let made = confirm(&mut opened(&server, &second).await, PASSWORD).await;
    assert_eq!(made.status, 200);
    let used = confirm(&mut opened(&server, &second).await, PASSWORD).await;
    assert_eq!(used.status, 410);
    assert_eq!(mailbox.settled(&server).await.len(), 2);
}

#[tokio::test]
async fn a_link_is_good_for_a_day() {
    let (server, mailbox, letter) = asked().await;

    server.let_pass(Duration::from_secs(24 * 60 * 60));
    let late = confirm(&mut opened(&server, &letter).await, PASSWORD).await;
    let again = server.browser().call(AGAIN, &[("email", EMAIL)]).await;

    assert_eq!(late.status, 410);
    assert_eq!(again.status, 200);
    assert_eq!(
        mailbox.settled(&server).await.len(),
        1,
        "the password was chosen too long ago"
    );
    sign_up(&server, EMAIL, PASSWORD).await;
    let fresh = mailbox.wait_for(2).await.pop().unwrap();
    assert_eq!(
        confirm(&mut opened(&server, &fresh).await, PASSWORD)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn guesses_at_the_password_of_a_link_are_limited() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[("TWOFOLD_GUESSES_PER_ACCOUNT", "3")]).await;
    sign_up(&server, EMAIL, PASSWORD).await;
    let letter = mailbox.wait_for_one().await;
    let mut browser = opened(&server, &letter).await;

    for _ in 0..3 {
        let wrong = confirm(&mut browser, OTHER).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(
            noted_by(&server, &wrong).await,
            ["sign_up_refused wrong_password password nobody"],
            "AU-01"
        );
    }
    let refused = confirm(&mut browser, PASSWORD).await;

    assert_eq!(refused.status, 429, "TH-07");
    server.let_pass(Duration::from_secs(60));
    assert_eq!(confirm(&mut browser, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn strangers_who_guess_at_the_address_keep_nobody_from_confirming_it() {
    let (server, _mailbox, letter) = asked().await;
    for number in 2..14 {
        let stranger = server.browser().at(&format!("127.0.0.{number}"));
        for _ in 0..9 {
            stranger.clone().sign_in_with(EMAIL, OTHER).await;
        }
    }
    let sign_in = server.browser().sign_in().await;

    let made = confirm(&mut opened(&server, &letter).await, PASSWORD).await;

    assert_eq!(sign_in.status, 429);
    assert_eq!(made.status, 200, "TH-02");
}

#[tokio::test]
async fn of_many_confirmations_at_once_one_makes_the_account() {
    let (server, _mailbox, letter) = asked().await;
    let browser = opened(&server, &letter).await;

    let answers = join_all((0..10).map(|_| {
        let mut browser = browser.clone();
        async move { confirm(&mut browser, PASSWORD).await.status.as_u16() }
    }))
    .await;

    let made = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(made, 1, "RE-11 {answers:?}");
    assert_eq!(people(&server).await, [EMAIL], "RE-11");
}

#[tokio::test]
async fn a_link_for_a_new_password_confirms_nothing_and_the_other_way_round() {
    let (server, mailbox) = confirmed().await;
    server
        .browser()
        .call("/api/ask_for_reset", &[("email", EMAIL)])
        .await;
    sign_up(&server, "new@example.com", PASSWORD).await;
    let letters = mailbox.wait_for(3).await;
    let about = |page: &str| {
        let with = letters[1..]
            .iter()
            .find(|letter| letter.link().starts_with(page));
        with.unwrap().clone()
    };
    let (reset, verify) = (about("/reset-password"), about("/verify-email"));

    let crossed = |letter: &Letter, page| format!("{page}?token={}", letter.token());
    let mut one = server.browser();
    one.get(&crossed(&reset, "/verify-email")).await;
    let mut other = server.browser();
    other.get(&crossed(&verify, "/reset-password")).await;

    assert_eq!(confirm(&mut one, PASSWORD).await.status, 410, "RE-01");
    let set = other
        .call("/api/reset_password", &[("password", OTHER)])
        .await;
    assert_eq!(set.status, 410, "RE-01");
}
