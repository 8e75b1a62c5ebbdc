//! Where `next` leads: to a path of this origin, whatever somebody wrote into the link or the form (FE-09, FE-10).

use app::auth::next::next_in;

use crate::only_in;
use crate::support::elsewhere::{once, payloads, stays};
use crate::support::{Mode, TestServer};

/// The browser stays where it is, and the header is one line.
fn assert_stays(origin: &str, to: &str, payload: &str) {
    assert!(stays(origin, to), "FE-09 {payload:?} led to {to:?}");
    assert!(
        to.bytes().all(|byte| byte.is_ascii_graphic()),
        "FE-17 {payload:?} {to:?}"
    );
}

#[tokio::test]
async fn no_link_makes_a_form_that_leads_away() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mut led_home = 0;

    for payload in payloads() {
        for next in [once(&payload), once(&once(&payload))] {
            let page = browser.get(&format!("/sign-in?next={next}")).await;
            // The long one is refused as an address, which is as good.
            if page.status != 200 {
                assert!(page.status.is_client_error(), "{} {payload:?}", page.status);
                continue;
            }
            let field = page.body.split(r#"name="next" value=""#).nth(1).unwrap();
            let field = field.split('"').next().unwrap().replace("&amp;", "&");
            assert_stays(&server.origin(), &field, &payload);
            led_home += usize::from(field == "/account");
        }
        // What the page's script reads is read by the same lines.
        for search in [payload.clone(), once(&payload), once(&once(&payload))] {
            if let Some(path) = next_in(&format!("?next={search}")) {
                assert_stays(&server.origin(), path.as_str(), &payload);
            }
        }
    }

    // Some are odd paths of this origin and may be gone to.
    assert!(led_home > 500, "{led_home}");
}

#[tokio::test]
async fn no_form_leads_away() {
    only_in!(
        Mode::CookieSession,
        "token mode answers no plain form with a redirect to `next`"
    );
    let server = TestServer::start().await;
    let mut browser = server.browser();

    for payload in payloads() {
        for next in [payload.clone(), once(&payload)] {
            let fields = [("next", next.as_str())];
            let answer = browser.post_form("/", "/api/sign_out", &fields).await;
            assert_eq!(answer.status, 303, "{payload:?}");
            assert_stays(&server.origin(), answer.header("location"), &payload);
        }
    }
}

#[tokio::test]
async fn a_call_by_a_script_is_sent_nowhere_at_all() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    for payload in payloads() {
        let answer = browser.call("/api/sign_out", &[("next", &payload)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (200, ""),
            "FE-10 {payload:?}"
        );
    }
}

#[tokio::test]
async fn the_way_back_after_a_refusal_is_a_page_of_ours_whatever_the_referer_says() {
    let server = TestServer::start().await;

    for payload in payloads() {
        let Ok(referer) = payload.parse::<reqwest::header::HeaderValue>() else {
            continue;
        };
        let request = server
            .browser()
            .bare("POST", "/api/sign_in")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("referer", referer)
            .form(&[("email", "x")]);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let location = answer.headers()["location"].to_str().unwrap();
        assert_stays(&server.origin(), location, &payload);
    }
}
