//! Cookies that nobody sane would send.

use crate::only_in;
use crate::support::{Answer, EMAIL, Mode, TestServer};

const REASON: &str = "the session cookie is this mode's proof";

#[tokio::test]
async fn forged_and_malformed_ids_are_nobodys_and_are_never_adopted() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let ids = [
        "AAAAAAAAAAAAAAAAAAAAAA",
        "",
        "x",
        "%00",
        "😀",
        &"A".repeat(8_000),
        "../../etc",
        "' OR 1=1",
    ];

    for id in ids {
        let request = browser
            .bare("POST", "/api/viewer")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", format!("__Host-session={id}").into_bytes())
            .form(&[("a", "b")]);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (200, r#""anonymous""#),
            "SE-03 {id}"
        );
        assert_eq!(answer.set_cookies(), Vec::<&str>::new());
    }
    assert_eq!(server.select("SELECT count(*) FROM sessions").await, ["0"]);
}

#[tokio::test]
async fn a_sign_in_over_a_chosen_id_gets_an_id_of_its_own() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut victim = server.browser();
    let chosen = ("AAAAAAAAAAAAAAAAAAAAAA".to_owned(), "/".to_owned());
    victim
        .cookies
        .insert("__Host-session".into(), chosen.clone());
    let mut attacker = victim.clone();

    victim.sign_in().await;

    assert_ne!(victim.cookies["__Host-session"], chosen, "T14");
    assert_eq!(victim.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(attacker.viewer().await, None);
}

#[tokio::test]
async fn two_cookies_of_the_name_are_refused_instead_of_picked_from() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let good = &browser.cookies["__Host-session"].0;

    for cookies in [
        format!("__Host-session={good}; __Host-session=AAAAAAAAAAAAAAAAAAAAAA"),
        format!("__Host-session=AAAAAAAAAAAAAAAAAAAAAA; __Host-session={good}"),
    ] {
        let request = browser
            .bare("POST", "/api/viewer")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies)
            .form(&[("a", "b")]);
        assert_eq!(request.send().await.unwrap().status(), 400, "T22, SE-05");
    }
}

#[tokio::test]
async fn anonymous_visitors_get_no_cookie_and_no_row() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    for path in ["/", "/sign-in", "/sign-up", "/account", "/nowhere"] {
        for _ in 0..10 {
            assert_eq!(
                browser.get(path).await.set_cookies(),
                Vec::<&str>::new(),
                "SE-19 {path}"
            );
        }
    }

    assert_eq!(server.select("SELECT count(*) FROM sign_ins").await, ["0"]);
}

#[tokio::test]
async fn a_kept_sign_in_has_a_lasting_cookie_and_any_other_ends_with_the_browser() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let fields = [("email", EMAIL), ("password", crate::support::PASSWORD)];

    let plain = server.browser().call("/api/sign_in", &fields).await;
    let kept = server
        .browser()
        .call("/api/sign_in", &[fields[0], fields[1], ("keep", "true")])
        .await;

    assert!(!plain.set_cookies()[0].contains("Max-Age"));
    assert!(
        kept.set_cookies()[0].ends_with("; Max-Age=2592000"),
        "{:?}",
        kept.set_cookies()
    );
}

#[tokio::test]
async fn plain_cookies_are_a_choice_for_development() {
    let server = TestServer::start_with(&[("TWOFOLD_COOKIES", "plain")], axum::Router::new()).await;
    let mut browser = server.browser();

    let answer = browser.sign_up().await;

    let cookie = answer.set_cookies()[0].to_owned();
    assert!(
        cookie.starts_with("session=") || cookie.starts_with("refresh="),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"));
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_cookie_of_another_app_in_any_encoding_changes_nothing() {
    only_in!(Mode::CookieSession, REASON);
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let session = format!("__Host-session={}", browser.cookies["__Host-session"].0);

    let mut beside = "lang=Zo\u{eb}; ".as_bytes().to_vec();
    beside.extend(b"raw=\xff\xfe;\t");
    beside.extend(session.as_bytes());
    let mut looks_like_ours = "\u{2000}".as_bytes().to_vec();
    looks_like_ours.extend(session.as_bytes());

    for (cookies, expected) in [(beside, "ada@example.com"), (looks_like_ours, "anonymous")] {
        let request = browser
            .bare("POST", "/api/viewer")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", cookies)
            .form(&[("a", "b")]);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(answer.body.contains(expected), "SE-05 {}", answer.body);
    }
}
