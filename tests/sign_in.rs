//! Proving that an account is yours.

use crate::support::{EMAIL, MODE, Mode, PASSWORD, TestServer};

const DISABLE: &str = "UPDATE users SET disabled_at = 1";

#[tokio::test]
async fn the_right_password_signs_in() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let mut browser = server.browser();

    let answer = browser.sign_in().await;

    assert_eq!(answer.status, 200);
    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
}

#[tokio::test]
async fn a_wrong_password_is_refused_like_an_unknown_address() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    let wrong = server
        .browser()
        .sign_in_with(EMAIL, "a wrong password")
        .await;
    let unknown = server
        .browser()
        .sign_in_with("nobody@example.com", "a wrong password")
        .await;
    server.execute(DISABLE.to_owned()).await;
    let disabled = server.browser().sign_in_with(EMAIL, PASSWORD).await;

    for answer in [&wrong, &unknown, &disabled] {
        assert_eq!(answer.status, 401, "EN-01");
        assert_eq!(answer.body, r#"{"error":"wrong_credentials"}"#);
        assert_eq!(answer.set_cookies(), Vec::<&str>::new());
    }
    assert_eq!(
        wrong.headers_of_any_reference(),
        unknown.headers_of_any_reference(),
        "EN-01"
    );
    assert_eq!(
        wrong.headers_of_any_reference(),
        disabled.headers_of_any_reference(),
        "EN-01"
    );
    assert_eq!(
        wrong.header("www-authenticate"),
        r#"Bearer realm="twofold""#
    );
}

#[tokio::test]
async fn without_scripts_an_unknown_address_a_wrong_password_and_a_disabled_account_look_the_same()
{
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let refused = async |email: &str, password: &str| {
        let mut browser = server.browser();
        let fields = [("email", email), ("password", password)];
        let answer = browser.post_form("/sign-in", "/api/sign_in", &fields).await;
        let page = browser.get("/sign-in").await;
        let told = answer.headers_of_any_reference();
        assert!(told.iter().any(|it| it.contains("flash={")), "{told:?}");
        (answer.status, answer.body.clone(), told, page.body.len())
    };

    let wrong = refused(EMAIL, "a wrong password").await;
    let unknown = refused("nobody@example.com", PASSWORD).await;
    server.execute(DISABLE.to_owned()).await;
    let disabled = refused(EMAIL, PASSWORD).await;

    assert_eq!(wrong, unknown, "EN-01");
    assert_eq!(disabled, unknown, "EN-01");
}

#[tokio::test]
async fn an_unknown_address_costs_a_real_hash() {
    let many = [("TWOFOLD_GUESSES_PER_ACCOUNT", "100")];
    let server = TestServer::start_with(&many, axum::Router::new()).await;
    server.browser().sign_up().await;

    let mut wrong = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..15 {
        wrong.push(time_of(&server, EMAIL).await);
        unknown.push(time_of(&server, "nobody@example.com").await);
    }

    // The fastest of many is what the work takes, the rest is the machine's: without the hash of nobody, one is twenty
    // times the other (EN-02).
    let fastest = |times: &[std::time::Duration]| times.iter().min().unwrap().as_secs_f64();
    let ratio = fastest(&unknown) / fastest(&wrong);
    assert!((0.6..1.6).contains(&ratio), "unknown : wrong = {ratio}");
}

async fn time_of(server: &TestServer, email: &str) -> std::time::Duration {
    let mut browser = server.browser();
    let start = std::time::Instant::now();
    browser.sign_in_with(email, "a wrong password").await;
    start.elapsed()
}

#[tokio::test]
async fn every_sign_in_has_a_proof_and_a_row_of_its_own() {
    let server = TestServer::start().await;
    let mut first = server.browser();
    first.sign_up().await;
    let mut second = server.browser();
    second.sign_in().await;

    first.sign_out().await;

    assert_eq!(first.viewer().await, None);
    assert_eq!(second.viewer().await.as_deref(), Some(EMAIL));
    assert_eq!(server.select("SELECT count(*) FROM sign_ins").await, ["2"]);
}

#[tokio::test]
async fn signing_in_as_somebody_else_leaves_nothing_of_the_first_person() {
    let server = TestServer::start().await;
    server.browser().sign_up_as("bob@example.com").await;
    let mut browser = server.browser();
    browser.sign_up_as("ada@example.com").await;
    let mut as_ada = browser.clone();

    browser.sign_in_with("bob@example.com", PASSWORD).await;

    assert_eq!(browser.viewer().await.as_deref(), Some("bob@example.com"));
    assert_eq!(as_ada.viewer().await, None, "SE-02: the old proof is dead");
    assert_ne!(browser.cookies, as_ada.cookies);
}

#[tokio::test]
async fn signing_in_once_more_gives_a_new_proof_and_ends_the_old_one() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let mut before = browser.clone();

    browser.sign_in().await;

    assert_eq!(browser.viewer().await.as_deref(), Some(EMAIL));
    assert_ne!(browser.cookies, before.cookies, "T25, SE-02");
    assert_eq!(before.viewer().await, None);
    assert_eq!(before.call("/api/refresh", &[]).await.status, 401);
    let live = "SELECT count(*) FROM sign_ins WHERE revoked_at IS NULL";
    assert_eq!(server.select(live).await, ["1"]);
}

#[tokio::test]
async fn a_sign_in_that_fails_half_way_signs_nobody_out() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.sign_up().await;
    let proofs = match MODE {
        Mode::CookieSession => "INSERT ON sessions",
        Mode::Jwt => "INSERT ON refresh_tokens",
    };

    // Before the new row, between the row and its proof, and where the old row ends.
    for statement in ["INSERT ON sign_ins", proofs, "UPDATE ON sign_ins"] {
        server.refuse(statement).await;
        let answer = browser.sign_in().await;
        let viewer = browser.viewer().await;
        server.refuse_no_more().await;

        assert!(answer.status.is_server_error(), "{statement}");
        assert_eq!(viewer.as_deref(), Some(EMAIL), "T12, SE-16: {statement}");
        if MODE == Mode::Jwt {
            let renewal = browser.call("/api/refresh", &[]).await;
            assert_eq!(renewal.status, 200, "{statement}");
        }
    }
}

#[tokio::test]
async fn the_row_says_where_the_sign_in_came_from() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    browser.sign_up().await;

    let address = server.select("SELECT address FROM sign_ins").await;
    assert_eq!(address, ["127.0.0.1"]);
}
