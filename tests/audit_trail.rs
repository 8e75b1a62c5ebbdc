//! Every authentication event leaves its row: who, what, when, from where, by what, and the request in the log (AU-01,
//! ASVS 16.2.1, 16.3.1).

use app::domain::sign_in::Keep;
use axum::Router;

use crate::only_in;
use crate::support::devices::{END_ALL, END_ONE, END_OTHERS, id_of, list_of};
use crate::support::flip::Flip;
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, TOKEN, credentials, post_json};
use crate::support::server::server_with_program;
use crate::support::trail::{noted_by, trail};
use crate::support::{Answer, EMAIL, MODE, Mode, PASSWORD, TestServer};

const WRONG: &str = "a wrong password";

/// What this mode's browsers show.
fn own_factor() -> &'static str {
    match MODE {
        Mode::CookieSession => "session",
        Mode::Jwt => "access_token",
    }
}

async fn assert_noted(server: &TestServer, answer: &Answer, expected: &[&str]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|row| row.replace("OWN", own_factor()))
        .collect();
    assert_eq!(noted_by(server, answer).await, expected, "{}", answer.body);
}

#[tokio::test]
async fn signing_up_in_and_out_is_noted_with_what_was_refused() {
    let server = TestServer::start().await;
    let (mut browser, mut stranger) = (server.browser(), server.browser());
    let ada = "ada@example.com";

    let up = browser.sign_up().await;
    let taken = stranger.sign_up().await;
    let wrong = stranger.sign_in_with(ada, WRONG).await;
    let unknown = stranger.sign_in_with("bob@example.com", WRONG).await;
    let again = browser.sign_in().await;
    let out = browser.sign_out().await;
    let out_again = browser.sign_out().await;

    let up_and_in = [
        "signed_up - password ada@example.com",
        "signed_in - password ada@example.com",
    ];
    assert_noted(&server, &up, &up_and_in).await;
    let row = "sign_up_refused email_taken password ada@example.com";
    assert_noted(&server, &taken, &[row]).await;
    let row = "sign_in_refused wrong_password password ada@example.com";
    assert_noted(&server, &wrong, &[row]).await;
    let row = "sign_in_refused unknown_address password nobody";
    assert_noted(&server, &unknown, &[row]).await;
    let rows = [
        "signed_in - password ada@example.com",
        "sign_in_ended replaced OWN ada@example.com",
    ];
    assert_noted(&server, &again, &rows).await;
    assert_noted(&server, &out, &["signed_out - OWN ada@example.com"]).await;
    assert_noted(&server, &out_again, &[]).await;
    assert_eq!(trail(&server).await.len(), 8, "and nothing else");
}

#[tokio::test]
async fn a_row_tells_when_and_from_where_and_of_which_sign_in() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    let mut browser = server.browser();
    browser.user_agent = Some("A browser of hers/1");
    browser.sign_up().await;

    let rows = server
        .select(
            "SELECT address || ' ' || user_agent || ' ' || outcome FROM audit_events WHERE event = 'signed_in'",
        )
        .await;
    let row = "SELECT i.id FROM audit_events a JOIN sign_ins i ON i.id = a.sign_in_id AND i.created_at = a.happened_at";

    assert_eq!(rows, ["127.0.0.1 A browser of hers/1 done"]);
    assert_eq!(server.select(row).await.len(), 1);
}

#[tokio::test]
async fn ending_sign_ins_is_noted_for_each_with_how_it_was_ended() {
    let server = TestServer::start().await;
    let mut here = server.browser();
    here.sign_up().await;
    for _ in 0..3 {
        server.browser().sign_in().await;
    }
    let picked = id_of(&list_of(&mut here).await[1]);

    let one = here.call(END_ONE, &[("id", &picked)]).await;
    let again = here.call(END_ONE, &[("id", &picked)]).await;
    let others = here.call(END_OTHERS, &[]).await;
    let all = here.call(END_ALL, &[]).await;

    assert_noted(&server, &one, &["sign_in_ended picked OWN ada@example.com"]).await;
    assert_noted(&server, &again, &[]).await;
    let rows = ["sign_in_ended others OWN ada@example.com"; 2];
    assert_noted(&server, &others, &rows).await;
    assert_noted(&server, &all, &["sign_in_ended all OWN ada@example.com"]).await;
    let of_ended = "SELECT a.id FROM audit_events a JOIN sign_ins i ON i.id = a.sign_in_id \
                    AND i.revoked_at = a.happened_at WHERE a.event = 'sign_in_ended'";
    assert_eq!(server.select(of_ended).await.len(), 4);
}

#[tokio::test]
async fn the_sign_in_that_gives_way_to_one_too_many_is_noted() {
    let one = [("TWOFOLD_SIGN_INS_PER_PERSON", "1")];
    let server = TestServer::start_with(&one, Router::new()).await;
    server.browser().sign_up().await;

    let second = server.browser().sign_in().await;

    let rows = [
        "signed_in - password ada@example.com",
        "sign_in_ended too_many password ada@example.com",
    ];
    assert_noted(&server, &second, &rows).await;
}

#[tokio::test]
async fn confirming_is_noted_and_so_is_a_wrong_password_for_it() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;

    let wrong = browser.call("/api/confirm", &[("password", WRONG)]).await;
    let right = browser
        .call("/api/confirm", &[("password", PASSWORD)])
        .await;

    let row = "confirmation_refused wrong_password password ada@example.com";
    assert_noted(&server, &wrong, &[row]).await;
    let row = "confirmed - password ada@example.com";
    assert_noted(&server, &right, &[row]).await;
}

#[tokio::test]
async fn an_account_that_is_disabled_is_told_from_a_wrong_password_in_the_trail_alone() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let sql = "UPDATE users SET disabled_at = 1".to_owned();
    server.execute(sql).await;

    let right = server.browser().sign_in().await;
    let wrong = server.browser().sign_in_with(EMAIL, WRONG).await;

    assert_eq!((right.status, &right.body), (wrong.status, &wrong.body));
    let row = "sign_in_refused account_disabled password ada@example.com";
    assert_noted(&server, &right, &[row]).await;
    let row = "sign_in_refused wrong_password password ada@example.com";
    assert_noted(&server, &wrong, &[row]).await;
}

#[tokio::test]
async fn programs_are_noted_like_browsers_and_renewals_are_not() {
    let (server, mut program) = server_with_program().await;

    let wrong = post_json(&program.browser, TOKEN, &credentials(EMAIL, WRONG)).await;
    let renewal = program.renew(&program.refresh_token, None).await;
    program.keep(&renewal);
    let out = program.ask("DELETE", TOKEN).await;

    let row = "sign_in_refused wrong_password password ada@example.com";
    assert_noted(&server, &wrong, &[row]).await;
    assert_noted(&server, &renewal, &[]).await;
    let row = "signed_out - access_token ada@example.com";
    assert_noted(&server, &out, &[row]).await;
}

#[tokio::test]
async fn an_exchange_is_noted_once_however_often_its_answer_is_lost() {
    let flip = Flip::begin(Keep::Longer).await;
    let mut browser = flip.browser();

    let first = flip.exchange(&mut flip.browser()).await;
    let second = flip.exchange(&mut browser).await;

    let row = match MODE {
        Mode::CookieSession => "exchanged token_for_session refresh_token ada@example.com",
        Mode::Jwt => "exchanged session_for_token session ada@example.com",
    };
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    assert_noted(&flip.server, &first, &[row]).await;
    assert_noted(&flip.server, &second, &[]).await;
}

#[tokio::test]
async fn a_copied_token_that_is_used_without_its_key_is_noted_once_a_minute() {
    let server = TestServer::start_outside_time(&[], Router::new()).await;
    server.browser().sign_up().await;
    let mut holder = Keyholder::sign_in(&server, 1).await;
    let mut thief = Keyholder::new(&server, 2);
    thief.access_token.clone_from(&holder.access_token);
    thief.nonce.clone_from(&holder.nonce);
    let bearer = format!("Bearer {}", holder.access_token);
    let ask = || {
        holder
            .browser
            .bare("GET", ME)
            .header("authorization", &bearer)
    };

    let first = thief.me().await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(ask().send().await.unwrap().status().as_u16());
    }
    server.let_pass(std::time::Duration::from_secs(61));
    let later = Answer::of(ask().send().await.unwrap()).await;

    assert_eq!((first.status.as_u16(), statuses), (401, vec![401; 20]));
    let row = "proof_refused other_key proof_of_possession ada@example.com";
    assert_noted(&server, &first, &[row]).await;
    let row = "proof_refused without_key proof_of_possession ada@example.com";
    assert_noted(&server, &later, &[row]).await;
    let count = "SELECT count(*) FROM audit_events WHERE event = 'proof_refused'";
    assert_eq!(server.select(count).await, ["2"], "no write amplification");
    assert_eq!(holder.me().await.status, 200, "its owner notices nothing");
}

#[tokio::test]
async fn nothing_succeeds_without_its_row() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let live = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";
    let confirmed = "SELECT max(authenticated_at) FROM sign_ins";
    let moment = server.select(confirmed).await;
    server.let_pass(std::time::Duration::from_secs(3));
    server.refuse("INSERT ON audit_events").await;

    let mut stranger = server.browser();
    let statuses = [
        stranger.sign_up_as("bob@example.com").await,
        stranger.sign_in().await,
        browser.clone().sign_out().await,
        browser
            .call("/api/confirm", &[("password", PASSWORD)])
            .await,
        browser.call(END_ALL, &[]).await,
    ]
    .map(|answer| answer.status.as_u16());

    assert_eq!(statuses, [500; 5]);
    assert_eq!(server.select(live).await, ["1"]);
    assert_eq!(server.select("SELECT email FROM users").await, [EMAIL]);
    assert_eq!(server.select(confirmed).await, moment);
    assert!(browser.viewer().await.is_some());
}

#[tokio::test]
async fn a_refusal_stands_even_if_it_cannot_be_noted() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    server.refuse("INSERT ON audit_events").await;

    let wrong = server.browser().sign_in_with(EMAIL, WRONG).await;
    let unknown = server.browser().sign_in_with("x@example.com", WRONG).await;
    let taken = server.browser().sign_up().await;

    let statuses = [wrong, unknown, taken].map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [401, 401, 409]);
}

#[tokio::test]
async fn a_token_of_a_sign_in_that_a_page_renewed_is_noted_nowhere() {
    only_in!(Mode::Jwt, "cookie mode renews nothing");
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let before = trail(&server).await;

    for _ in 0..5 {
        assert_eq!(browser.call("/api/refresh", &[]).await.status, 200);
    }

    assert_eq!(trail(&server).await, before);
}
