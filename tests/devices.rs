//! The page of a person's devices: what is on the list, and its forms without scripts. A sign-in is one row whichever way
//! it is proved.

use std::time::Duration;

use app::domain::sign_in::{Keep, Kind};
use app::server::caller::Caller;
use axum::Router;
use serde_json::json;

use crate::only_in;
use crate::support::devices::{
    END_ALL, END_ONE, END_OTHERS, are_signed_in, end, id_of, list_of, three_browsers, user_of,
};
use crate::support::{MODE, Mode, TestServer};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
/// As long as a header may be.
const LONG: &str = {
    const BYTES: [u8; 10_000] = [b'x'; 10_000];
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!(),
    }
};
const PAGE: &str = "/account/devices";

#[tokio::test]
async fn the_list_tells_one_device_from_another() {
    let server = TestServer::start().await;
    let (mut desk, mut phone) = (server.browser(), server.browser());
    (desk.user_agent, phone.user_agent) = (Some(FIREFOX), Some(SAFARI));
    desk.sign_up().await;
    phone.sign_in().await;

    let list = list_of(&mut desk).await;

    let devices: Vec<_> = list.iter().map(|row| row["device"].as_str()).collect();
    assert_eq!(
        devices,
        [Some("Firefox on Linux"), Some("Safari on iPhone")]
    );
    assert_eq!(
        (&list[0]["is_this_device"], &list[1]["is_this_device"]),
        (&true.into(), &false.into())
    );
    for row in &list {
        assert_eq!(row["address"], "127.0.0.1", "SE-12");
        assert!(row["since"].as_str().unwrap().ends_with(" UTC"), "{row}");
        assert_eq!(row["last_seen"], row["since"]);
    }
}

#[tokio::test]
async fn the_list_says_when_each_was_seen_last() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let began = server.services.clock.now();
    let [mut desk, mut phone, _tablet] = three_browsers(&server).await;
    server.let_pass(Duration::from_secs(120));
    phone.viewer().await;
    server.let_pass(Duration::from_secs(120));

    let list = list_of(&mut desk).await;

    let after = |minutes: u64| {
        began
            .after(Duration::from_secs(60 * minutes))
            .to_the_minute()
    };
    let moments = list.iter().map(|row| (&row["since"], &row["last_seen"]));
    let moments: Vec<_> = moments.collect();
    let began = json!(after(0));
    assert_eq!(
        moments,
        [
            (&began, &json!(after(4))),
            (&began, &json!(after(2))),
            (&began, &began)
        ],
        "SE-12"
    );
    if MODE == Mode::CookieSession {
        let page = desk.get(PAGE).await.body.replace("<!>", "");
        let seen = |minutes| format!("<dt>Last seen</dt><dd>{}</dd>", after(minutes));
        for minutes in [4, 2, 0] {
            assert_eq!(page.matches(&seen(minutes)).count(), 1, "SE-12 {page}");
        }
    }
}

#[tokio::test]
async fn sessions_and_tokens_are_on_one_list_and_end_in_one_way() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let user = user_of(&server).await;
    let sign_ins = &server.services.sign_ins;
    let mut others = Vec::new();
    for kind in [Kind::Cookie, Kind::Token] {
        others.push(
            sign_ins
                .begin(&user, kind, Keep::Longer, &Caller::default())
                .await
                .unwrap(),
        );
    }

    let mut kinds: Vec<_> = list_of(&mut browser)
        .await
        .iter()
        .skip(1)
        .map(|row| row["kind"].to_string())
        .collect();
    kinds.sort();
    for other in &others {
        assert_eq!(end(&mut browser, other.id.as_str()).await.status, 200);
    }

    assert_eq!(kinds, ["\"cookie\"", "\"token\""]);
    assert_eq!(list_of(&mut browser).await.len(), 1);
}

#[tokio::test]
async fn a_hostile_name_of_a_browser_stays_a_short_harmless_text() {
    const NAMES: [&str; 3] = [
        "<script>alert(1)</script> Firefox/1 <b>Linux</b>",
        "\"><img/src=x onerror=alert(1)>",
        LONG,
    ];
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    for name in NAMES {
        let mut hostile = server.browser();
        hostile.user_agent = Some(name);
        assert_eq!(hostile.sign_in().await.status, 200);
    }

    let mut devices: Vec<_> = list_of(&mut browser)
        .await
        .iter()
        .map(|row| row["device"].as_str().unwrap().to_owned())
        .collect();
    devices.sort();
    let page = browser.get(PAGE).await;

    assert_eq!(
        devices[..3],
        [
            "An unknown browser",
            "An unknown browser",
            "Firefox on Linux"
        ]
    );
    assert!(devices[3].len() <= 24, "{}", devices[3]);
    assert!(!page.body.contains("alert(1)"), "FE-01");
    let lengths = server
        .select("SELECT max(length(user_agent)) FROM sign_ins")
        .await;
    assert_eq!(lengths, ["256"]);
}

#[tokio::test]
async fn the_page_shows_the_list_from_its_first_byte() {
    only_in!(
        Mode::CookieSession,
        "in token mode the list comes with a call: end2end/tests/devices.spec.ts"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.user_agent = Some(FIREFOX);
    browser.sign_up().await;

    let page = browser.get(PAGE).await;

    assert_eq!(page.status, 200);
    for text in [
        "Your devices",
        "Firefox on Linux",
        "This device",
        "cookie session",
        "127.0.0.1",
        "takes effect within a second",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains(r#"href="/account/devices""#)
    );
}

#[tokio::test]
async fn without_scripts_the_buttons_do_the_same() {
    only_in!(
        Mode::CookieSession,
        "token mode needs scripts to keep the token, and says so"
    );
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let id = id_of(&list_of(&mut browsers[2]).await[0]);
    let form = browsers[0].get(PAGE).await.body;
    assert!(
        form.contains(&format!(r#"<input type="hidden" name="id" value="{id}">"#)),
        "{form}"
    );

    let one = [("id", id.as_str()), ("next", PAGE)];
    let ended = browsers[0].post_form(PAGE, END_ONE, &one).await;
    let after_one = are_signed_in(&mut browsers).await;
    let others = browsers[0]
        .post_form(PAGE, END_OTHERS, &[("next", PAGE)])
        .await;
    let after_others = are_signed_in(&mut browsers).await;
    let all = browsers[0].post_form(PAGE, END_ALL, &[("next", "/")]).await;

    assert_eq!(
        (ended.status.as_u16(), ended.header("location")),
        (303, PAGE)
    );
    assert_eq!(after_one, [true, true, false]);
    assert_eq!(
        (others.status.as_u16(), others.header("location")),
        (303, PAGE)
    );
    assert_eq!(after_others, [true, false, false]);
    assert_eq!((all.status.as_u16(), all.header("location")), (303, "/"));
    assert_eq!(browsers[0].get(PAGE).await.status, 303);
}

#[tokio::test]
async fn without_scripts_a_refusal_is_explained_on_the_page() {
    only_in!(
        Mode::CookieSession,
        "token mode needs scripts to keep the token, and says so"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let answer = browser
        .post_form(PAGE, END_ONE, &[("id", "nobody's"), ("next", PAGE)])
        .await;
    let page = browser.get(PAGE).await;

    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, PAGE)
    );
    assert!(
        page.body.contains("This sign-in is not on your list."),
        "{}",
        page.body
    );
    assert!(
        !browser.get(PAGE).await.body.contains("not on your list"),
        "said once"
    );
}
