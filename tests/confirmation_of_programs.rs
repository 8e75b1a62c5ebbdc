//! What a program does when the password was given too long ago: it signs in with it once more (RFC 9470).

use std::time::Duration;

use crate::support::program::{Program, SIGN_INS, assert_problem};
use crate::support::server::server_with_program;

/// Ten minutes during which the program renewed its tokens as it should.
async fn let_ten_minutes_pass(server: &crate::support::TestServer, program: &mut Program) {
    for _ in 0..5 {
        server.let_pass(Duration::from_secs(2 * 60));
        let answer = program.renew(&program.refresh_token.clone(), None).await;
        program.keep(&answer);
    }
}

#[tokio::test]
async fn an_old_sign_in_ends_nothing_and_a_new_one_does() {
    let (server, mut old) = server_with_program().await;
    let_ten_minutes_pass(&server, &mut old).await;
    let rows = old.ask("GET", SIGN_INS).await.json();
    let one = format!("{SIGN_INS}/{}", rows[1]["id"].as_str().unwrap());

    for path in [SIGN_INS, &one] {
        let answer = old.ask("DELETE", path).await;
        let kind = "insufficient_user_authentication";
        assert_problem(&answer, 401, kind, "SE-12");
        assert_eq!(answer.json()["error"], kind);
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="twofold", error="insufficient_user_authentication", max_age=600"#,
            "RFC 9470"
        );
    }
    let new = Program::sign_in(&server).await;

    assert_eq!(new.ask("DELETE", &one).await.status, 204);
    assert_eq!(
        old.ask("DELETE", SIGN_INS).await.status,
        401,
        "that one was confirmed, and not the person"
    );
    assert_eq!(new.ask("DELETE", SIGN_INS).await.status, 204);
}
