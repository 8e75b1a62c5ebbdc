//! What is noted for good: a proof that somebody has a copy of, and who showed it (AU-01, ASVS 10.4.5).

use std::time::Duration;

use app::server::audit::Event;
use sqlx::Executor;

use crate::support::program::{ME, Program, REFRESH};
use crate::support::server::server_with_program;
use crate::support::{EMAIL, TestServer};

const NOTED: &str = "SELECT event || ' ' || address || ' ' || user_agent FROM audit_events WHERE event = 'proof_reused'";

/// A refresh token that is used twice, the second time too late for a lost answer, by somebody who calls himself `thief`.
async fn reuse(server: &TestServer, program: &mut Program) -> String {
    let spent = program.refresh_token.clone();
    let renewal = program.renew(&spent, None).await;
    program.keep(&renewal);
    server.let_pass(Duration::from_secs(12));
    let thief = server.browser();
    let stolen = thief
        .bare("POST", REFRESH)
        .header("user-agent", "thief")
        .form(&[("grant_type", "refresh_token"), ("refresh_token", &spent)]);
    let answer = stolen.send().await.unwrap();
    assert_eq!(answer.status(), 400, "RT-02");
    answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_copied_refresh_token_is_noted_with_whoever_showed_it() {
    let (server, mut program) = server_with_program().await;
    assert_eq!(server.select(NOTED).await, Vec::<String>::new());

    let request_id = reuse(&server, &mut program).await;

    assert_eq!(server.select(NOTED).await, ["proof_reused 127.0.0.1 thief"]);
    assert_eq!(
        server
            .select("SELECT request_id FROM audit_events WHERE event = 'proof_reused'")
            .await,
        [request_id],
        "the log tells the rest under this id"
    );
    let owner = "SELECT u.email FROM audit_events a JOIN users u ON u.id = a.user_id \
                 JOIN sign_ins i ON i.id = a.sign_in_id AND i.revoked_at = a.happened_at WHERE a.event = 'proof_reused'";
    assert_eq!(server.select(owner).await, [EMAIL]);
}

#[tokio::test]
async fn a_sign_in_does_not_end_without_the_note_of_why() {
    let (server, mut program) = server_with_program().await;
    let spent = program.refresh_token.clone();
    let renewal = program.renew(&spent, None).await;
    program.keep(&renewal);
    server.let_pass(Duration::from_secs(12));
    server.refuse("INSERT ON audit_events").await;

    let failed = program.renew(&spent, None).await;

    assert_eq!(failed.status, 500);
    assert_eq!(program.ask("GET", ME).await.status, 200);
    server.refuse_no_more().await;
    assert_eq!(program.renew(&spent, None).await.status, 400, "RT-02");
    assert_eq!(program.ask("GET", ME).await.status, 401);
}

#[tokio::test]
async fn what_is_noted_cannot_be_changed() {
    let (server, mut program) = server_with_program().await;
    reuse(&server, &mut program).await;

    let mut connection = server.connection().await;
    let change = connection
        .execute("UPDATE audit_events SET address = ''")
        .await;

    assert!(change.is_err(), "AU-01: append-only");
    assert_eq!(server.select(NOTED).await, ["proof_reused 127.0.0.1 thief"]);
}

#[test]
fn the_page_about_the_events_lists_each() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md");
    let page = std::fs::read_to_string(path).unwrap();
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();

    for event in Event::ALL {
        let reason = event
            .reason()
            .map_or("| |".to_owned(), |reason| format!("| `{reason}`"));
        let begins = format!("| `{}` {reason}", event.code());
        let factor = event
            .factor()
            .map_or("what was shown".to_owned(), |factor| {
                format!("`{}`", factor.as_str())
            });
        let ends = format!("| {factor} |");
        let is_it = |row: &&&str| row.starts_with(&begins) && row.ends_with(&ends);
        assert_eq!(
            rows.iter().filter(is_it).count(),
            1,
            "docs/audit.md: {begins} … {ends}"
        );
    }
    assert_eq!(rows.len(), Event::ALL.len(), "docs/audit.md has no other");
}
