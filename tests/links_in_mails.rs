//! The link in a mail: what opening it does, where it leads, and what is none.

use std::time::Duration;

use crate::mail::server_with;
use crate::password_change::NEW;
use crate::support::elsewhere::HOSTS;
use crate::support::mailbox::Mailbox;
use crate::support::reset::{ASK, ask, asked, dead, opened, set, sign_in_with};
use crate::support::{Answer, EMAIL, PASSWORD, TestServer};

#[tokio::test]
async fn opening_a_link_uses_nothing_up_and_takes_the_token_out_of_the_address() {
    let (server, _mailbox, letter) = asked().await;
    let link = letter.link();

    for method in ["HEAD", "GET", "GET", "HEAD", "GET"] {
        let answer = Answer::of(server.browser().bare(method, &link).send().await.unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/reset-password"),
            "RE-04"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "RE-04");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "RE-04");
        let cookies = answer.set_cookies();
        assert!(
            cookies.len() == 1
                && cookies[0].starts_with("__Host-reset-link=")
                && cookies[0].contains("; HttpOnly")
                && cookies[0].contains("; Secure"),
            "RE-04 {cookies:?}"
        );
    }
    let mut browser = opened(&server, &letter).await;
    let page = browser.get("/reset-password").await;

    assert!(!page.body.contains(&letter.token()), "RE-04");
    assert!(page.body.contains(EMAIL), "{}", page.body);
    assert_eq!(set(&mut browser, NEW).await.0, 200);
}

#[tokio::test]
async fn what_is_no_token_matches_nothing() {
    let (server, _mailbox, letter) = asked().await;
    let token = letter.token();
    let cut = &token[..token.len() - 1];
    let hash = server
        .select("SELECT token_hash FROM links")
        .await
        .pop()
        .unwrap();

    for text in [
        "",
        "%00",
        "[]",
        "null",
        "0",
        cut,
        &format!("{token}%00"),
        &hash,
        &format!("{token}A"),
    ] {
        let mut browser = server.browser();
        let answer = browser.get(&format!("/reset-password?token={text}")).await;
        assert_eq!(answer.status, 303, "RE-06 {text}");
        assert_eq!(set(&mut browser, NEW).await, dead(), "RE-06 {text}");
    }
    let mut browser = server.browser();
    for cookie in ["", "[]", "\"\"", cut] {
        let cookie = (cookie.to_owned(), "/".to_owned());
        browser
            .cookies
            .insert("__Host-reset-link".to_owned(), cookie);
        assert_eq!(set(&mut browser, NEW).await, dead(), "RE-06");
    }
    assert_ne!(hash, token, "RE-01: only the hash is kept");
    let mut elsewhere = opened(&server, &letter).await;
    let confirm = elsewhere
        .call("/api/confirm_address", &[("password", PASSWORD)])
        .await;
    assert_eq!(confirm.status, 410, "RE-01: it is for its purpose alone");
    assert_eq!(sign_in_with(&server, PASSWORD).await, 200);
}

#[tokio::test]
async fn no_header_changes_where_a_link_leads() {
    let mailbox = Mailbox::open().await;
    let server = server_with(&mailbox, &[("TWOFOLD_MAILS_PER_MAILBOX", "100")]).await;
    server.browser().sign_up().await;
    let mut count = 0;

    for host in HOSTS
        .iter()
        .filter(|host| host.bytes().all(|b| b.is_ascii_graphic()))
    {
        let asked = server
            .browser()
            .bare("POST", ASK)
            .header("accept", "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("host", *host)
            .header("x-forwarded-host", *host)
            .header("forwarded", format!("host={host}"))
            .form(&[("email", EMAIL)])
            .send()
            .await
            .unwrap();
        count += usize::from(asked.status() == 200);
    }

    let letters = mailbox.wait_for(count).await;
    assert!(count > 10, "{count}");
    let link = format!("{}/reset-password?token=", server.origin());
    for letter in letters {
        assert!(letter.text().contains(&link), "FE-16: {}", letter.raw);
    }
}

#[tokio::test]
async fn in_development_mails_are_files_that_only_their_owner_reads() {
    use std::os::unix::fs::PermissionsExt;
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    ask(&server, EMAIL).await;
    let folder = server.directory.path().join("mails");
    let mut written = String::new();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let file = std::fs::read_dir(&folder)
            .ok()
            .and_then(|mut all| all.next());
        let text = file.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        written = text.unwrap_or_default();
        if written.ends_with("UTC\r\n") {
            break;
        }
    }

    let text = written;
    assert!(text.contains("/reset-password?token="), "{text}");
    let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
