//! Which passwords may be chosen, and how they are kept.

use axum::Router;
use tempfile::TempDir;

use crate::support::process::assert_refused;
use crate::support::{Answer, EMAIL, MODE, Mode, PASSWORD, TestServer};

const HASHES: &str = "SELECT password_hash FROM users";

async fn sign_up(server: &TestServer, email: &str, password: &str) -> Answer {
    let fields = [("email", email), ("password", password)];
    server.browser().call("/api/sign_up", &fields).await
}

async fn sign_in(server: &TestServer, password: &str) -> u16 {
    let answer = server.browser().sign_in_with(EMAIL, password).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_well_known_or_personal_password_is_refused_with_the_reason() {
    let server = TestServer::start().await;

    for (password, error) in [
        ("Password2026!", "password_common"),
        ("123123123123", "password_common"),
        ("qwertyuiop12", "password_common"),
        ("ada@example.com", "password_personal"),
        ("Example.com2026", "password_personal"),
        ("twofold12345", "password_personal"),
        ("elevenchars", "password_too_short"),
    ] {
        let answer = sign_up(&server, EMAIL, password).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (422, error),
            "PW-08 {password}"
        );
    }
    for (index, password) in ["jjjjjjjjjjjjj", "  ἀρχὴ δέ τοι  "].into_iter().enumerate()
    {
        let answer = sign_up(&server, &format!("p{index}@example.org"), password).await;
        assert_eq!(answer.status, 200, "PW-07 {password}");
    }
}

#[tokio::test]
async fn what_a_thousand_others_chose_is_refused_at_whatever_length_is_asked_for() {
    let known = [
        (8, "password"),
        (8, "PASSWORD"),
        (8, "iloveyou"),
        (9, "123456789"),
        (10, "1q2w3e4r5t"),
        (11, "qwertyuiop1"),
        (12, "1qaz2wsx3edc"),
        (12, "leavemealone"),
        (12, "unbelievable"),
        (12, "PasswordPassword"),
        (12, "password-password"),
        (12, "letmeinletmein"),
        (12, "monkeymonkeymonkey7"),
        (12, "password1234"),
        (15, "1q2w3e4r5t6y7u8i"),
        (15, "qwertyuiopasdfghjkl"),
        (15, "iloveyousomuch12"),
        (16, "qwertyuiop123456789"),
        (17, "123456789123456789"),
        (20, "01234567890123456789"),
    ];
    let many = ("TWOFOLD_SIGN_UPS_PER_ADDRESS", "1000");
    for least in [8, 9, 10, 11, 12, 15, 16, 17, 20] {
        let length = least.to_string();
        let variables = [("TWOFOLD_PASSWORD_MIN_LENGTH", length.as_str()), many];
        let server = TestServer::start_with(&variables, Router::new()).await;
        for (_, password) in known.iter().filter(|(of, _)| *of == least) {
            let answer = sign_up(&server, EMAIL, password).await;
            assert_eq!(
                answer.error(),
                "password_common",
                "PW-08 {least} {password}"
            );
        }
        let answer = sign_up(&server, EMAIL, "correct horse battery staple").await;
        assert_eq!(answer.status, 200, "PW-07 {least}");
    }
}

#[test]
fn weaker_parameters_than_owasps_refuse_the_start() {
    assert_refused(
        &[("TWOFOLD_ARGON2_MEMORY_KIB", "12288")],
        "TWOFOLD_ARGON2_MEMORY_KIB",
    );
    assert_refused(&[("TWOFOLD_ARGON2_PASSES", "1")], "TWOFOLD_ARGON2_PASSES");
    assert_refused(
        &[("TWOFOLD_PASSWORD_MIN_LENGTH", "7")],
        "TWOFOLD_PASSWORD_MIN_LENGTH",
    );
}

#[tokio::test]
async fn a_hash_of_an_older_recipe_is_made_anew_once_at_the_next_good_sign_in() {
    let server = TestServer::start().await;
    let mut before = server.browser();
    before.sign_up().await;
    let stronger = [("TWOFOLD_ARGON2_PASSES", "3")];
    let node = server.another_node(&stronger, Router::new()).await;
    let old = node.select(HASHES).await;

    let wrong = sign_in(&node, "a wrong password").await;
    let after_wrong = node.select(HASHES).await;
    let right = sign_in(&node, PASSWORD).await;
    let after_right = node.select(HASHES).await;
    let again = sign_in(&node, PASSWORD).await;

    assert_eq!((wrong, right, again), (401, 200, 200));
    assert_eq!(old, after_wrong, "PW-03");
    assert!(
        after_right[0].starts_with("$argon2id$v=19$m=19456,t=3,p=1$"),
        "PW-03"
    );
    assert_eq!(node.select(HASHES).await, after_right, "once");
    assert!(before.is_still_in().await);
}

#[tokio::test]
async fn a_pepper_is_needed_beside_the_database_and_can_be_rotated() {
    let files = TempDir::new().unwrap();
    let file = |name: &str, lines: &[(&str, u8)]| {
        let lines = lines
            .iter()
            .map(|(id, letter)| format!("{id} {}\n", char::from(*letter).to_string().repeat(43)));
        let path = files.path().join(name);
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // 43 letters of base64url are 32 bytes where the last ends in two zero bits.
    let (one, two) = (("2026a", b'A'), ("2026b", b'E'));
    let (only_one, both, only_two) = (
        file("1", &[one]),
        file("21", &[two, one]),
        file("2", &[two]),
    );
    let unpeppered = TestServer::start().await;
    unpeppered.browser().sign_up().await;
    let with = async |path: &str| {
        unpeppered
            .another_node(&[("TWOFOLD_PEPPER_FILE", path)], Router::new())
            .await
    };

    let first = sign_in(&with(&only_one).await, PASSWORD).await;
    let peppered = unpeppered.select(HASHES).await;
    let stolen = sign_in(&unpeppered, PASSWORD).await;
    let rotated = sign_in(&with(&both).await, PASSWORD).await;
    let without_the_old = sign_in(&with(&only_two).await, PASSWORD).await;
    let lost = sign_in(&with(&only_one).await, PASSWORD).await;

    assert_eq!((first, rotated, without_the_old), (200, 200, 200), "PW-04");
    assert!(peppered[0].contains(",keyid="), "{peppered:?}");
    assert_eq!(
        (stolen, lost),
        (500, 500),
        "the pepper is not in the database"
    );
}

#[tokio::test]
async fn every_byte_counts_and_none_is_changed() {
    let chosen = [
        "abc\0def and more",
        "  spaces around it  ",
        "emoji 👩‍👩‍👧 family",
        "שלום לכל העולם כאן",
        // Written with one letter for é: PW-10, taken as typed.
        "caf\u{e9} au lait noir",
    ];
    let others = [
        "abc",
        "spaces around it",
        "emoji 👩👩👧 family",
        "שלום לכל העולם",
        "cafe\u{301} au lait noir",
    ];
    for (right, wrong) in chosen.into_iter().zip(others) {
        let server = TestServer::start().await;
        assert_eq!(
            sign_up(&server, EMAIL, right).await.status,
            200,
            "PW-11 {right:?}"
        );
        assert_eq!(sign_in(&server, wrong).await, 401, "PW-11 {right:?}");
        assert_eq!(sign_in(&server, right).await, 200, "PW-11 {right:?}");
    }
}

#[tokio::test]
async fn nobody_is_there_before_somebody_signs_up() {
    let server = TestServer::start().await;

    assert_eq!(
        server.select("SELECT count(*) FROM users").await,
        ["0"],
        "PW-13"
    );
    for email in ["admin@example.com", "admin@localhost.localdomain"] {
        let answer = server.browser().sign_in_with(email, "admin").await;
        assert_eq!(answer.status, 401, "PW-13");
    }
}

#[tokio::test]
async fn the_sign_up_page_says_how_long_a_password_has_to_be() {
    let longer = [("TWOFOLD_PASSWORD_MIN_LENGTH", "17")];
    let server = TestServer::start_with(&longer, Router::new()).await;

    let page = server.browser().get("/sign-up").await;

    assert!(page.body.contains("At least 17 characters"), "PW-05");
    if MODE == Mode::CookieSession {
        assert!(
            page.body.contains(r#"autocomplete="new-password""#),
            "PW-07"
        );
    }
}

#[tokio::test]
async fn nothing_that_is_empty_or_missing_signs_anybody_in() {
    let server = TestServer::start().await;
    server.browser().sign_up().await;

    let fields: [&[(&str, &str)]; 6] = [
        &[],
        &[("email", EMAIL)],
        &[("password", PASSWORD)],
        &[("email", ""), ("password", "")],
        &[("email", EMAIL), ("password", "")],
        &[("email", ""), ("password", PASSWORD)],
    ];
    for fields in fields {
        let mut browser = server.browser();
        let answer = browser.call("/api/sign_in", fields).await;
        assert_eq!(answer.status, 422, "EN-06 {fields:?}");
        assert_eq!(browser.viewer().await, None, "EN-06 {fields:?}");
    }
    let mut browser = server.browser();
    server
        .execute("ALTER TABLE users RENAME TO people".to_owned())
        .await;
    let answer = browser.sign_in().await;
    assert!(answer.status.is_server_error(), "EN-06");
    assert_eq!(answer.set_cookies(), Vec::<&str>::new(), "EN-06");
}
