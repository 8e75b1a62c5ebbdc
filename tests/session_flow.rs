//! The session flow of the article, one test a step.

use crate::only_in;
use crate::support::{EMAIL, Mode, PASSWORD, TestServer};

const REASON: &str = "the other flow has steps of its own, in token_flow";

#[tokio::test]
async fn step_1_the_client_submits_the_credentials() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get("/sign-up").await;
    assert!(
        page.body
            .contains(r#"<form action="/api/sign_up" method="post">"#)
    );

    let fields = [
        ("email", EMAIL),
        ("password", PASSWORD),
        ("next", "/account"),
    ];
    let answer = browser.post_form("/sign-up", "/api/sign_up", &fields).await;

    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/account");
}

#[tokio::test]
async fn step_2_the_server_checks_them_and_stores_a_new_session() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    browser.sign_in_with(EMAIL, "a wrong password").await;
    let after_wrong = server.select("SELECT count(*) FROM sessions").await;
    browser.sign_in().await;
    let after_right = server.select("SELECT count(*) FROM sessions").await;

    assert_eq!(
        (after_wrong[0].as_str(), after_right[0].as_str()),
        ("1", "2")
    );
}

#[tokio::test]
async fn step_3_the_answer_carries_a_cookie_with_the_id_and_nothing_else() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let answer = browser.sign_up().await;

    let cookies = answer.set_cookies();
    let (pair, attributes) = cookies[0].split_once("; ").unwrap();
    let value = pair.strip_prefix("__Host-session=").unwrap();
    assert!(cookies[1].starts_with("__Host-device="));
    assert_eq!(cookies.len(), 2);
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    assert_eq!(
        value.len(),
        22,
        "128 random bits in base64url, whatever the session holds"
    );
    assert_eq!(answer.body, "{}");
}

#[tokio::test]
async fn step_4_every_later_request_carries_the_cookie() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut without_cookie = browser.clone();
    without_cookie.cookies.clear();

    for _ in 0..3 {
        assert_eq!(browser.get("/account").await.status, 200);
        assert_eq!(without_cookie.get("/account").await.status, 303);
    }
}

#[tokio::test]
async fn step_5_the_server_finds_the_person_by_the_session_id() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    ada.sign_up_as("ada@example.com").await;
    bob.sign_up_as("bob@example.com").await;

    assert_eq!(ada.viewer().await.as_deref(), Some("ada@example.com"));
    assert_eq!(bob.viewer().await.as_deref(), Some("bob@example.com"));

    std::mem::swap(&mut ada.cookies, &mut bob.cookies);
    assert_eq!(ada.viewer().await.as_deref(), Some("bob@example.com"));
}

#[tokio::test]
async fn step_6_the_page_comes_with_the_address_in_its_navigation() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let page = browser.get("/account").await;

    let navigation = page.body.split("</nav>").next().unwrap();
    assert!(navigation.contains(EMAIL), "{navigation}");
    assert!(page.body.contains("Member since"));
    assert_eq!(page.header("cache-control"), "no-store");
}
