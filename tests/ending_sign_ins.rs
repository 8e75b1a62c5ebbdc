//! Ending sign-ins from elsewhere: one, all others, all. What ends is out at its next request.

use axum::Router;

use crate::support::devices::{
    END_ALL, END_ONE, END_OTHERS, are_signed_in, end, id_of, list_of, three_browsers,
};
use crate::support::trail::noted_by;
use crate::support::{EMAIL, TestServer};

const LIVE: &str = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";

#[tokio::test]
async fn an_ended_device_is_out_at_once_here_and_after_a_second_on_every_node() {
    let server = TestServer::start().await;
    let other_node = server.another_node(&[], Router::new()).await;
    let (mut here, mut there) = (server.browser(), other_node.browser());
    here.sign_up().await;
    there.sign_in().await;
    let mut moved_here = server.browser();
    (moved_here.cookies, moved_here.token) = (there.cookies.clone(), there.token.clone());
    assert!(there.viewer().await.is_some() && moved_here.viewer().await.is_some());
    let list = list_of(&mut here).await;

    let answer = end(&mut here, &id_of(&list[1])).await;
    let at_once = moved_here.viewer().await;
    server.let_pass(std::time::Duration::from_secs(1));

    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (200, "null")
    );
    assert_eq!(at_once, None, "SE-09");
    assert_eq!(there.viewer().await, None, "SE-09, RT-07, MI-01");
    assert_eq!(there.call("/api/account", &[]).await.status, 401);
    assert_eq!(there.call("/api/refresh", &[]).await.status, 401);
    assert_eq!(here.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(list_of(&mut here).await.len(), 1);
}

#[tokio::test]
async fn ending_the_same_device_twice_is_fine() {
    let server = TestServer::start().await;
    let [mut here, mut there, _] = three_browsers(&server).await;
    let id = id_of(&list_of(&mut there).await[0]);

    let first = end(&mut here, &id).await;
    let ended_at = server
        .select("SELECT revoked_at FROM sign_ins WHERE revoked_at IS NOT NULL")
        .await;
    server.let_pass(std::time::Duration::from_secs(60));
    here.call("/api/refresh", &[]).await;
    let second = end(&mut here, &id).await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    let still = server
        .select("SELECT revoked_at FROM sign_ins WHERE revoked_at IS NOT NULL")
        .await;
    assert_eq!(ended_at, still, "the row says when it really ended");
}

#[tokio::test]
async fn ending_a_device_that_had_run_out_is_fine_and_nobodys_doing() {
    let server = TestServer::start().await;
    let [mut here, mut there, _] = three_browsers(&server).await;
    let id = id_of(&list_of(&mut there).await[0]);
    let sql = format!("UPDATE sign_ins SET idle_ends_at = 1 WHERE id = '{id}'");
    server.execute(sql).await;

    let answer = end(&mut here, &id).await;

    assert_eq!(answer.status, 200);
    assert_eq!(noted_by(&server, &answer).await, Vec::<String>::new());
}

#[tokio::test]
async fn ending_this_device_is_a_sign_out() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let id = id_of(&list_of(&mut browser).await[0]);

    let answer = end(&mut browser, &id).await;

    assert_eq!(answer.status, 200);
    assert!(!browser.has_proof(), "SE-06");
    assert_eq!(browser.viewer().await, None);
}

#[tokio::test]
async fn what_belongs_to_somebody_else_does_not_exist() {
    let server = TestServer::start().await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    ada.sign_up_as("ada@example.com").await;
    bob.sign_up_as("bob@example.com").await;
    let of_ada = id_of(&list_of(&mut ada).await[0]);

    let long = "A".repeat(10_000);
    let foreign = end(&mut bob, &of_ada).await;
    for id in [
        of_ada.as_str(),
        "AAAAAAAAAAAAAAAAAAAAAA",
        "",
        "x",
        "\0",
        "' OR '1'='1",
        &long,
    ] {
        let answer = end(&mut bob, id).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (404, "unknown_sign_in"),
            "SE-12 {id:?}"
        );
        assert_eq!(answer.body, foreign.body, "the two cannot be told apart");
    }
    bob.call(END_OTHERS, &[]).await;

    assert_eq!(list_of(&mut bob).await.len(), 1);
    assert_eq!(ada.viewer().await.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn ending_the_others_leaves_this_one() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;

    let answer = browsers[1].call(END_OTHERS, &[]).await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        are_signed_in(&mut browsers).await,
        [false, true, false],
        "SE-09"
    );
    assert_eq!(list_of(&mut browsers[1]).await.len(), 1);
}

#[tokio::test]
async fn ending_all_leaves_nothing_here_or_elsewhere() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;

    let answer = browsers[1].call(END_ALL, &[]).await;

    assert_eq!(answer.status, 200);
    assert!(!browsers[1].has_proof(), "SE-06");
    assert_eq!(are_signed_in(&mut browsers).await, [false; 3], "SE-09");
    assert_eq!(server.select(LIVE).await, ["0"]);
}

#[tokio::test]
async fn nothing_of_it_is_for_strangers_or_for_links() {
    let server = TestServer::start().await;
    let mut member = server.browser();
    member.sign_up().await;

    for part in ["/api/sign_ins", END_ONE, END_OTHERS, END_ALL] {
        let stranger = server.browser().call(part, &[]).await;
        let by_link = member.get(part).await;
        assert_eq!(
            (stranger.status.as_u16(), stranger.error().as_str()),
            (401, "signed_out"),
            "SF-10 {part}"
        );
        assert_eq!(by_link.status, 405, "SF-04 {part}");
    }

    assert_eq!(server.select(LIVE).await, ["1"]);
}

#[tokio::test]
async fn a_failure_ends_nothing_and_says_so() {
    let server = TestServer::start().await;
    let mut browsers = three_browsers(&server).await;
    let id = id_of(&list_of(&mut browsers[0]).await[1]);
    server.refuse("UPDATE ON sign_ins").await;

    for part in [END_ONE, END_OTHERS, END_ALL] {
        let answer = browsers[0].call(part, &[("id", &id)]).await;
        assert!(answer.status.is_server_error(), "{part} {}", answer.status);
        assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "{part}");
    }
    server.refuse_no_more().await;

    assert_eq!(are_signed_in(&mut browsers).await, [true; 3]);
}
