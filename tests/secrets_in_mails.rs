//! What somebody finds who reads the log or the database where links go out by mail (AU-02, RE-01).

use crate::support::mailbox::{Letter, Mailbox};
use crate::support::watched::Watched;
use crate::support::{Browser, EMAIL};

const CHOSEN: &str = "canary chosen password";
const NEW: &str = "canary password set anew";
const WRONG: &str = "canary wrong password";

/// A browser in which the link was opened, whose token is a secret from then on.
async fn open(watched: &mut Watched, letter: &Letter) -> Browser {
    watched.canaries.push(letter.token());
    let mut browser = watched.browser();
    let answer = browser.get(&letter.link()).await;
    watched.watch(&answer);
    let page = browser.get(answer.header("location")).await;
    assert!(page.body.contains(EMAIL), "{}", page.body);
    browser
}

#[tokio::test]
async fn links_and_what_is_chosen_by_them_leave_no_secret_in_the_log() {
    let mailbox = Mailbox::open().await;
    let url = mailbox.url();
    let mut watched = Watched::start_with(&[("TWOFOLD_MAIL_URL", &url)]).await;
    let mut stranger = watched.browser();
    let sign_up = [("email", EMAIL), ("password", CHOSEN)];

    watched.call(&mut stranger, "/api/sign_up", &sign_up).await;
    let letter = mailbox.wait_for_one().await;
    let mut browser = open(&mut watched, &letter).await;
    for password in [WRONG, CHOSEN] {
        let fields = [("password", password)];
        watched
            .call(&mut browser, "/api/confirm_address", &fields)
            .await;
    }
    let asked = [("email", EMAIL)];
    watched
        .call(&mut stranger, "/api/ask_for_reset", &asked)
        .await;
    let letter = mailbox.wait_for(2).await.pop().unwrap();
    let mut browser = open(&mut watched, &letter).await;
    for password in ["canary short", NEW, NEW] {
        let fields = [("email", EMAIL), ("password", password)];
        watched
            .call(&mut browser, "/api/reset_password", &fields)
            .await;
    }
    let again = [("email", EMAIL), ("password", NEW)];
    let signed_in = watched.call(&mut stranger, "/api/sign_in", &again).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    mailbox.wait_for(3).await;

    watched.assert_none_of_them_is_in_the_log(6);
}
