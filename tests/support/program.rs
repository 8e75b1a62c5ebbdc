//! A client that is no browser: it talks JSON to `/api/v1` and keeps its tokens itself.

use serde_json::{Value, json};

use super::reachable::Reachable;
use super::{Answer, Browser, EMAIL, PASSWORD};

pub const TOKEN: &str = "/api/v1/token";
pub const REFRESH: &str = "/api/v1/token/refresh";
pub const ME: &str = "/api/v1/me";
pub const SIGN_INS: &str = "/api/v1/sign-ins";
pub const DOCUMENT: &str = "/api/v1/openapi.json";

pub struct Program {
    pub browser: Browser,
    pub access_token: String,
    pub refresh_token: String,
}

impl Program {
    /// One that has Ada's tokens; she must have signed up.
    pub async fn sign_in(server: &impl Reachable) -> Self {
        Self::sign_in_as(server, EMAIL).await
    }

    pub async fn sign_in_as(server: &impl Reachable, email: &str) -> Self {
        let browser = server.browser();
        let answer = post_json(&browser, TOKEN, &credentials(email, PASSWORD)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let mut program = Self {
            browser,
            access_token: String::new(),
            refresh_token: String::new(),
        };
        program.keep(&answer);
        program
    }

    /// Asks with the access token.
    pub async fn ask(&self, method: &str, path: &str) -> Answer {
        let authorization = format!("Bearer {}", self.access_token);
        ask_with(
            &self.browser,
            method,
            path,
            &[("authorization", &authorization)],
        )
        .await
    }

    /// Spends a refresh token, under a name for the attempt if there is one.
    pub async fn renew(&self, refresh_token: &str, attempt: Option<&str>) -> Answer {
        let body = json!({"refresh_token": refresh_token}).to_string();
        let mut request = self.browser.bare("POST", REFRESH);
        if let Some(attempt) = attempt {
            request = request.header("idempotency-key", attempt);
        }
        let request = request
            .header("content-type", "application/json")
            .body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Takes over the tokens of an answer.
    pub fn keep(&mut self, answer: &Answer) {
        let text = |name| answer.json()[name].as_str().unwrap().to_owned();
        (self.access_token, self.refresh_token) = (text("access_token"), text("refresh_token"));
    }
}

pub fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

pub async fn post_json(browser: &Browser, path: &str, body: &Value) -> Answer {
    post(browser, path, "application/json", body.to_string()).await
}

pub async fn post(
    browser: &Browser,
    path: &str,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> Answer {
    let request = browser.bare("POST", path);
    let request = request
        .header("content-type", content_type)
        .body(body.into());
    Answer::of(request.send().await.unwrap()).await
}

pub async fn ask_with(
    browser: &Browser,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = browser.bare(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send().await.unwrap()).await
}

/// The answer is a whole problem document of this kind (RFC 9457), and no cache keeps it.
pub fn assert_problem(answer: &Answer, status: u16, kind: &str, what: &str) {
    let body = &answer.body;
    assert_eq!(answer.status, status, "{what}: {body}");
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{what}"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    let problem = answer.json();
    let type_ = format!("/api/v1/openapi.json#/components/examples/{kind}");
    assert_eq!(problem["type"], type_, "{what}: {body}");
    assert_eq!(problem["status"], status, "{what}");
    let instance = format!("urn:uuid:{}", answer.header("x-request-id"));
    assert_eq!(problem["instance"], instance, "{what}: {body}");
    for member in ["title", "detail"] {
        assert!(
            problem[member].as_str().is_some_and(|text| text.len() > 9),
            "{what}: {body}"
        );
    }
    if let Some(description) = problem.get("error_description") {
        assert_eq!(description, &problem["detail"], "{what}");
        // RFC 6749 §5.2: printable ASCII without quotes and backslashes.
        let text = description.as_str().unwrap();
        assert!(
            text.bytes()
                .all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\'),
            "{text}"
        );
    }
    assert_eq!(
        problem.get("error").is_some(),
        problem.get("error_description").is_some()
    );
    for word in [
        "serde",
        "line 1",
        "column",
        "missing field",
        "expected",
        "panick",
        "::",
    ] {
        assert!(!body.contains(word), "{what}: {body}");
    }
}
