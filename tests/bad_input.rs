//! Empty, missing, endless and hostile input: one clear message, the right status, nothing lost, nothing of the parser
//! in the answer (T20, SF-12).

use crate::support::askers::functions;
use crate::support::{Answer, EMAIL, PASSWORD, TestServer};

const FORMS: [&str; 2] = ["/api/sign_in", "/api/sign_up"];

pub fn assert_speaks_plainly(answer: &Answer, what: &str) {
    assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
    assert!(!answer.error().is_empty(), "{what}: {}", answer.body);
    for word in [
        "missing field",
        "line 1",
        "column",
        "invalid",
        "serde",
        "SQL",
        "panick",
        "::",
    ] {
        assert!(!answer.body.contains(word), "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn empty_and_missing_fields_ask_for_what_is_missing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    for endpoint in FORMS {
        for fields in [
            &[][..],
            &[("email", ""), ("password", "")],
            &[("password", PASSWORD)],
        ] {
            let answer = browser.call(endpoint, fields).await;
            assert_eq!(answer.status, 422, "EN-06");
            assert_eq!(answer.body, r#"{"error":"email_missing"}"#);
        }
        let answer = browser.call(endpoint, &[("email", EMAIL)]).await;
        assert_eq!(answer.body, r#"{"error":"password_missing"}"#);
    }
    assert_eq!(browser.viewer().await, None);
}

#[tokio::test]
async fn hostile_addresses_are_refused_as_addresses() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let long = format!("{}@example.com", "a".repeat(10_000));
    let addresses = [
        "plain",
        "a\0@example.com",
        "😀@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "' OR 1=1 --",
        "<script>alert(1)</script>@example.com",
        &long,
    ];

    for endpoint in FORMS {
        for email in addresses {
            let fields = [("email", email), ("password", PASSWORD)];
            let answer = browser.call(endpoint, &fields).await;
            assert_eq!(answer.status, 422, "{email:?}");
            assert!(answer.error().starts_with("email_"), "{email:?}");
            assert_speaks_plainly(&answer, email);
        }
    }
}

#[tokio::test]
async fn every_byte_of_a_password_counts() {
    let server = TestServer::start().await;
    let passwords = [
        "nul in\0the middle",
        "😀😀😀😀😀😀😀😀😀😀😀😀",
        "  spaces around it  ",
        "right \u{202e}to left",
        "caf\u{e9} composed form",
        &"x".repeat(64),
        &"y".repeat(200),
    ];

    for (number, password) in passwords.iter().enumerate() {
        let email = format!("user{number}@example.com");
        let fields = [("email", email.as_str()), ("password", password)];
        assert_eq!(
            server.browser().call("/api/sign_up", &fields).await.status,
            200,
            "{password:?}"
        );
        assert_eq!(
            server.browser().sign_in_with(&email, password).await.status,
            200,
            "PW-11"
        );
        let almost: String = password.chars().skip(1).collect();
        let cut = password.split('\0').next().unwrap();
        let decomposed = password.replace('\u{e9}', "e\u{301}");
        for wrong in [&almost, cut, password.trim(), &decomposed] {
            if wrong != *password {
                assert_eq!(
                    server.browser().sign_in_with(&email, wrong).await.status,
                    401,
                    "{wrong:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn ten_kilobytes_of_password_are_refused_before_they_are_hashed() {
    let server = TestServer::start().await;
    let password = "x".repeat(10_000);

    for endpoint in FORMS {
        let fields = [("email", EMAIL), ("password", password.as_str())];
        let answer = server.browser().call(endpoint, &fields).await;
        assert_eq!(answer.status, 422, "PW-06");
        assert_eq!(answer.body, r#"{"error":"password_too_long"}"#);
    }
}

#[tokio::test]
async fn a_megabyte_is_too_large_for_any_server_function() {
    let server = TestServer::start().await;
    let password = "x".repeat(1_000_000);

    for line in functions() {
        let fields = [("email", EMAIL), ("password", password.as_str())];
        let answer = server.browser().call(line.path, &fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (413, "too_large"),
            "T08 {}",
            line.path
        );
    }
}

#[tokio::test]
async fn unknown_server_functions_and_methods_have_their_own_status() {
    let server = TestServer::start().await;
    let mut browser = server.browser();

    let unknown = browser.call("/api/nothing", &[]).await;
    let long = browser
        .call(&format!("/api/{}", "x".repeat(5_000)), &[])
        .await;
    let wrong_method = browser.bare("PUT", "/api/sign_in").send().await.unwrap();

    assert_eq!(
        (unknown.status.as_u16(), unknown.error().as_str()),
        (404, "not_found")
    );
    assert_eq!(long.status, 404);
    assert_eq!(wrong_method.status(), 405, "SF-17");
}
