//! What somebody finds who reads the log, however much is logged: every flow with secrets that are known, and the whole log of
//! a process that writes all there is, of every crate (AU-02, ASVS 16.2.5).

use app::server::secret::{Secret, SessionId};
use sqlx::Executor;

use crate::support::database::refusal_of;
use crate::support::devices::{END_ALL, END_ONE, id_of, list_of};
use crate::support::keyholder::Keyholder;
use crate::support::program::{ME, Program, TOKEN, credentials, post, post_json};
use crate::support::watched::Watched;
use crate::support::{Answer, EMAIL, MODE, Mode};

const CHOSEN: &str = "canary chosen password";
const WRONG: &str = "canary wrong password";
const SHORT: &str = "canary-2short";

fn fields<'a>(email: &'a str, password: &'a str) -> [(&'a str, &'a str); 2] {
    [("email", email), ("password", password)]
}

#[tokio::test]
async fn browsers_leave_no_secret_in_the_log() {
    let mut watched = Watched::start().await;
    let mut browser = watched.browser();

    for path in ["/api/sign_up", "/api/sign_in"] {
        watched
            .call(&mut browser, path, &fields(EMAIL, SHORT))
            .await;
        watched
            .call(&mut browser, path, &fields(EMAIL, CHOSEN))
            .await;
        watched
            .call(&mut browser, path, &fields(EMAIL, CHOSEN))
            .await;
        watched
            .call(&mut browser, path, &fields(WRONG, EMAIL))
            .await;
    }
    for email in [EMAIL, "nobody@example.com", "canary.typed@example.com"] {
        let mut stranger = watched.browser();
        watched
            .call(&mut stranger, "/api/sign_in", &fields(email, WRONG))
            .await;
    }
    watched.call(&mut browser, "/api/refresh", &[]).await;
    for password in [WRONG, CHOSEN] {
        let answer = watched
            .call(&mut browser, "/api/confirm", &[("password", password)])
            .await;
        assert!(
            [200, 422].contains(&answer.status.as_u16()),
            "{}",
            answer.body
        );
    }
    let own = id_of(&list_of(&mut browser).await[0]);
    for path in [
        "/account",
        "/account/devices",
        "/account/security",
        "/sign-in?next=/canary&password=canary",
    ] {
        let page = browser.get(path).await;
        watched.watch(&page);
    }
    let plain = browser
        .post_form("/sign-in", "/api/sign_in", &fields(EMAIL, WRONG))
        .await;
    watched.watch(&plain);
    watched.call(&mut browser, END_ONE, &[("id", &own)]).await;
    let mut again = watched.browser();
    let answer = watched
        .call(&mut again, "/api/sign_in", &fields(EMAIL, CHOSEN))
        .await;
    assert_eq!(answer.status, 200);
    watched.call(&mut again, END_ALL, &[]).await;
    watched.call(&mut browser, "/api/sign_out", &[]).await;

    watched.assert_none_of_them_is_in_the_log(12);
}

#[tokio::test]
async fn programs_leave_no_secret_in_the_log() {
    let mut watched = Watched::start().await;
    let mut browser = watched.browser();
    watched
        .call(&mut browser, "/api/sign_up", &fields(EMAIL, CHOSEN))
        .await;
    let mut program = Program {
        browser: watched.browser(),
        access_token: String::new(),
        refresh_token: String::new(),
    };

    for password in [WRONG, CHOSEN] {
        let answer = post_json(&program.browser, TOKEN, &credentials(EMAIL, password)).await;
        watched.watch(&answer);
        if answer.status == 200 {
            program.keep(&answer);
        }
    }
    let broken = r#"{"username":"ada@example.com","password":"canary broken"#;
    post(&program.browser, TOKEN, "application/json", broken).await;
    post(&program.browser, TOKEN, "text/plain", CHOSEN).await;
    let first = program.refresh_token.clone();
    for _ in 0..2 {
        let answer = program.renew(&program.refresh_token, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        watched.watch(&answer);
        program.keep(&answer);
    }
    assert_eq!(program.ask("GET", ME).await.status, 200);
    assert_eq!(program.renew(&first, None).await.status, 400, "a copy");
    program
        .renew("canary-of-no-token", Some("canary-name-of-an-attempt"))
        .await;
    assert_eq!(program.ask("GET", ME).await.status, 401);
    assert_eq!(program.ask("DELETE", TOKEN).await.status, 204);
    program.access_token = "canary.canary.canary".to_owned();
    assert_eq!(program.ask("GET", ME).await.status, 401);

    watched.assert_none_of_them_is_in_the_log(10);
}

#[tokio::test]
async fn bound_tokens_and_their_proofs_are_not_in_the_log() {
    let mut watched = Watched::start().await;
    let mut browser = watched.browser();
    // The password of `Keyholder`, which is no canary of its own.
    browser.sign_up().await;
    let origin = format!("http://localhost:{}", watched.process.port);
    let mut holder = Keyholder::with(watched.browser(), origin, 1);
    let mut thief = Keyholder::with(watched.browser(), holder.origin.clone(), 2);

    let granted = holder.grant().await;
    watched.watch(&granted);
    holder.keep(&granted);
    thief.access_token.clone_from(&holder.access_token);
    thief.nonce.clone_from(&holder.nonce);
    let proof = holder.proof_for("GET", ME);
    let statuses = [
        holder.me_with(&proof).await.status.as_u16(),
        holder.me_with(&proof).await.status.as_u16(),
        thief.me().await.status.as_u16(),
    ];
    let renewed = holder.renew().await;
    watched.watch(&renewed);
    watched
        .canaries
        .push(proof.rsplit('.').next().unwrap().to_owned());
    watched.canaries.push("correct horse".to_owned());

    assert_eq!(statuses, [200, 401, 401]);
    assert_eq!(renewed.status, 200);
    watched.assert_none_of_them_is_in_the_log(8);
}

#[tokio::test]
async fn exchanging_a_proof_leaves_neither_in_the_log() {
    let mut watched = Watched::start().await;
    let mut browser = watched.browser();
    watched
        .call(&mut browser, "/api/sign_up", &fields(EMAIL, CHOSEN))
        .await;
    let granted = post_json(&browser, TOKEN, &credentials(EMAIL, CHOSEN)).await;
    watched.watch(&granted);
    let (name, path, proof, sid) = old_proof(&watched, &granted).await;
    watched.canaries.push(proof.clone());

    let mut tab = watched.browser();
    tab.attempt = Some("canary-name-of-the-attempt");
    tab.cookies
        .insert(name.to_owned(), (proof, path.to_owned()));
    let exchanged = watched
        .call(&mut tab, "/api/refresh/exchange", &[("sid", &sid)])
        .await;

    assert_eq!(exchanged.status, 200, "{}", exchanged.body);
    watched.assert_none_of_them_is_in_the_log(6);
}

/// What the other mode would have handed out for the sign-in of a program: its cookie's name, path and value, and `sid`.
async fn old_proof(
    watched: &Watched,
    granted: &Answer,
) -> (&'static str, &'static str, String, String) {
    let refresh_token = granted.json()["refresh_token"].as_str().unwrap().to_owned();
    let sid = "SELECT sign_in_id FROM refresh_tokens WHERE secret_hash = $1";
    let mut connection = watched.database().await;
    let hash = Secret::parse(&refresh_token).unwrap().hashed();
    let row = sqlx::query(sid)
        .bind(hash.as_str())
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let sid: String = sqlx::Row::get(&row, 0);
    if MODE == Mode::CookieSession {
        return ("__Secure-refresh", "/api/refresh", refresh_token, sid);
    }
    // As if it had begun with a session.
    let sql = "DELETE FROM refresh_tokens";
    connection.execute(sql).await.unwrap();
    let session = SessionId::random();
    sqlx::query("INSERT INTO sessions (id_hash, sign_in_id, data) VALUES ($1, $2, $3)")
        .bind(session.hashed().as_str())
        .bind(sid.as_str())
        .bind(format!(r#"{{"sign_in":"{sid}"}}"#))
        .execute(&mut connection)
        .await
        .unwrap();
    (
        "__Host-session",
        "/",
        session.reveal().to_owned(),
        String::new(),
    )
}

#[tokio::test]
async fn a_failure_of_the_database_tells_its_cause_and_no_secret() {
    let mut watched = Watched::start().await;
    let mut browser = watched.browser();
    watched
        .call(&mut browser, "/api/sign_up", &fields(EMAIL, CHOSEN))
        .await;
    let mut connection = watched.database().await;
    for table in ["sign_ins", "users", "refresh_tokens"] {
        let sql = refusal_of(&format!("INSERT ON {table}"))
            .replace("refusal", &format!("refusal_of_{table}"));
        let sql = sql.replace("refuse()", &format!("refuse_{table}()"));
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }

    let in_ = watched
        .call(&mut browser, "/api/sign_in", &fields(EMAIL, CHOSEN))
        .await;
    let mut other = watched.browser();
    let up = watched
        .call(
            &mut other,
            "/api/sign_up",
            &fields("bob@example.com", WRONG),
        )
        .await;
    let granted = post_json(&browser, TOKEN, &credentials(EMAIL, CHOSEN)).await;

    let statuses = [&in_, &up, &granted].map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [500; 3]);
    watched.assert_none_of_them_is_in_the_log(4);
}
