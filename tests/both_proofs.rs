//! The server understands both proofs in every build, with one written precedence: an `Authorization` header, if there
//! is one, decides alone.

use std::time::Duration;

use crate::only_in;
use crate::support::tokens::Mint;
use crate::support::{Answer, Browser, EMAIL, Mode, TestServer};

async fn viewer_of(browser: &Browser, headers: &[(&str, String)]) -> (u16, String) {
    let mut request = browser
        .bare("POST", "/api/viewer")
        .header("sec-fetch-site", "same-origin")
        .form(&[("a", "b")]);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = Answer::of(request.send().await.unwrap()).await;
    let email = answer.json()["user"]["email"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer.status.as_u16(), email)
}

#[tokio::test]
async fn a_bearer_token_is_understood_in_every_build() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let token = Mint::of(&server).await.token();

    let found = viewer_of(&browser, &[("authorization", format!("Bearer {token}"))]).await;

    assert_eq!(found, (200, EMAIL.to_owned()));
}

#[tokio::test]
async fn a_good_token_goes_before_the_cookie_and_a_bad_one_never_falls_back_to_it() {
    only_in!(
        Mode::CookieSession,
        "only this mode's sign-in hands out the cookie to put beside the token"
    );
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    bob.sign_up_as("bob@example.com").await;
    let token = Mint::of(&server).await.token();
    ada.sign_up_as("ada@example.com").await;
    let cookie = format!("__Host-session={}", ada.cookies["__Host-session"].0);

    let both = [
        ("cookie", cookie.clone()),
        ("authorization", format!("Bearer {token}")),
    ];
    let bad = [
        ("cookie", cookie.clone()),
        ("authorization", "Bearer x.y.z".to_owned()),
    ];
    let other_scheme = [
        ("cookie", cookie.clone()),
        ("authorization", "Basic YTpi".to_owned()),
    ];

    assert_eq!(
        viewer_of(&ada, &both).await,
        (200, "bob@example.com".into())
    );
    assert_eq!(viewer_of(&ada, &bad).await, (401, String::new()));
    assert_eq!(viewer_of(&ada, &other_scheme).await, (401, String::new()));
    assert_eq!(
        viewer_of(&ada, &[("cookie", cookie)]).await,
        (200, "ada@example.com".into())
    );
}

#[tokio::test]
async fn a_refresh_cookie_proves_nothing_but_the_right_to_renew() {
    only_in!(Mode::Jwt, "cookie mode sets no refresh cookie");
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let cookie = format!("__Secure-refresh={}", browser.cookies["__Secure-refresh"].0);

    assert_eq!(
        viewer_of(&browser, &[("cookie", cookie)]).await,
        (200, String::new())
    );
}

#[tokio::test]
async fn another_node_with_the_same_key_and_database_takes_the_proof_and_sees_its_end() {
    let first = TestServer::start().await;
    let second = first.another_node(&[], axum::Router::new()).await;
    let mut on_first = first.browser();
    on_first.sign_up().await;
    let mut on_second = second.browser();
    (on_second.cookies, on_second.token) = (on_first.cookies.clone(), on_first.token.clone());

    let while_signed_in = on_second.viewer().await;
    on_first.sign_out().await;
    first.let_pass(Duration::from_secs(1));

    assert_eq!(while_signed_in.as_deref(), Some(EMAIL));
    assert_eq!(on_second.viewer().await, None, "MI-01");
}
