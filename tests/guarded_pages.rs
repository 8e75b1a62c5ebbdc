//! Pages for signed-in people only.

use crate::only_in;
use crate::support::{EMAIL, Mode, TestServer};

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
        without_nonce(&before.body),
        without_nonce(&after.body),
        "RT-14"
    );
    assert!(!after.body.contains(EMAIL));
    assert!(after.body.contains("Checking whether you are signed in"));
    assert!(after.body.contains("<noscript>"));
}

fn without_nonce(html: &str) -> String {
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
async fn a_page_carries_nothing_that_its_reader_may_not_see() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let secrets = server
        .select(
            "SELECT password_hash FROM users UNION ALL SELECT id FROM users \
             UNION ALL SELECT id FROM sign_ins UNION ALL SELECT id_hash FROM sessions",
        )
        .await;

    for path in ["/", "/account", "/sign-in", "/nowhere"] {
        let page = browser.get(path).await;
        for secret in &secrets {
            assert!(!page.body.contains(secret.as_str()), "T18, FE-12: {path}");
        }
    }
}
