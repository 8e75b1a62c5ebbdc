//! Forms that the browser sends by itself, because scripts are off or not there yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::only_in;
use crate::support::{EMAIL, Mode, PASSWORD, TestServer};

const REASON: &str = "token mode needs scripts to keep the token, and says so";
const RIGHT: [(&str, &str); 2] = [("email", EMAIL), ("password", PASSWORD)];

#[tokio::test]
async fn a_sign_in_leads_on_to_where_the_person_was_going() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut browser = server.browser();

    let fields = [RIGHT[0], RIGHT[1], ("next", "/account?tab=2")];
    let answer = browser.post_form("/sign-in", "/api/sign_in", &fields).await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/account?tab=2")
    );
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test]
async fn next_never_leads_to_another_origin() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    for next in [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\r\nSet-Cookie: a=b",
        "data:text/html,x",
        "",
    ] {
        let fields = [RIGHT[0], RIGHT[1], ("next", next)];
        let answer = server
            .browser()
            .post_form("/sign-in", "/api/sign_in", &fields)
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/"),
            "T06, FE-09 {next:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_goes_back_to_the_form_and_says_why_once() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let fields = [("email", EMAIL), ("password", "a wrong password")];
    let answer = browser
        .post_form("/sign-in?next=%2Faccount", "/api/sign_in", &fields)
        .await;
    let first = browser.get("/sign-in?next=%2Faccount").await;
    let second = browser.get("/sign-in?next=%2Faccount").await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/sign-in?next=%2Faccount"),
        "SF-07"
    );
    let message = "The email address or the password is wrong";
    assert!(first.body.contains(message));
    assert!(!second.body.contains(message));
}

#[tokio::test]
async fn a_refusal_is_shown_by_its_own_form_only() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();

    browser
        .post_form("/sign-in", "/api/sign_in", &[("email", "nonsense")])
        .await;
    let elsewhere = browser.get("/sign-up").await;

    assert!(!elsewhere.body.contains("Enter an email address like"));
}

#[tokio::test]
async fn a_foreign_referer_is_not_gone_back_to_and_neither_is_one_that_is_missing() {
    let server = TestServer::start().await;

    for referer in [
        Some("https://evil.example/p"),
        Some("garbage"),
        Some("//evil.example/"),
        Some("javascript:alert(1)"),
        None,
    ] {
        let mut request = server
            .browser()
            .bare("POST", "/api/sign_in")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .form(&[("email", EMAIL), ("password", "a wrong password")]);
        if let Some(referer) = referer {
            request = request.header("referer", referer);
        }
        let answer = crate::support::Answer::of(request.send().await.unwrap()).await;
        // Stock Leptos: 302 to the foreign page, with the error in the URL (T04).
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/"),
            "SF-07 {referer:?}"
        );
    }
}

#[tokio::test]
async fn an_error_in_a_link_is_not_shown() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    // {"error":"email_taken"}: even a reason from our own catalogue is shown only if it happened.
    let forged =
        "/sign-in?next=%2Faccount&__path=%2Fapi%2Fsign_in&__err=eyJlcnJvciI6ImVtYWlsX3Rha2VuIn0=";

    let answer = browser.get(forged).await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/sign-in?next=%2Faccount"),
        "T05, SF-08"
    );
    browser.sign_up().await;
    for page in [
        "/",
        "/sign-in",
        "/sign-up",
        "/confirm",
        "/account",
        "/account/devices",
        "/account/security",
        "/nowhere",
    ] {
        let answer = browser
            .get(&format!("{page}?__path=%2Fapi%2Fsign_in&__err=eA"))
            .await;
        assert_eq!(answer.header("location"), page, "SF-08");
    }
}

#[tokio::test]
async fn a_forged_flash_cookie_shows_no_words_of_its_own() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mut shown = async |value: String| {
        let forged = (value, "/".to_owned());
        browser.cookies.insert("__Host-flash".to_owned(), forged);
        let page = browser.get("/sign-in").await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("EVIL"), "SF-08 {}", page.body);
        page.body.contains(r#"role="alert""#)
    };

    for error in [
        r#"{"error":"call +1-555-EVIL"}"#,
        r#"{"error":"password_too_short","least":"EVIL"}"#,
        r#"{"error":["wrong_credentials","EVIL"]}"#,
        r#""EVIL""#,
    ] {
        assert!(!shown(flash_with(error)).await, "SF-08 {error}");
    }
    for value in ["garbage", "%%%"] {
        assert!(!shown(value.to_owned()).await, "SF-08 {value}");
    }
    // All else being as in the first, a word of the catalogue is shown, and nothing beside it.
    let listed = r#"{"error":"wrong_credentials","message":"EVIL"}"#;
    assert!(shown(flash_with(listed)).await);
}

/// The cookie as the server writes it, but for what is wrong.
fn flash_with(error: &str) -> String {
    let reference = "b4a7d2c0-3f7e-4b5a-9d61-0c2f8e7a1b35";
    let json =
        format!(r#"{{"endpoint":"/api/sign_in","error":{error},"reference":"{reference}"}}"#);
    URL_SAFE_NO_PAD.encode(json)
}

#[tokio::test]
async fn in_token_mode_the_form_says_that_it_needs_scripts_and_does_nothing() {
    only_in!(Mode::Jwt, "cookie mode works without scripts");
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let answer = browser.post_form("/sign-up", "/api/sign_up", &RIGHT).await;
    let page = browser.get("/sign-up").await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/sign-up")
    );
    assert!(page.body.contains("This form needs JavaScript"), "RT-14");
    assert_eq!(server.select("SELECT count(*) FROM users").await, ["0"]);
}
