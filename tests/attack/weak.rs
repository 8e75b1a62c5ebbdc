//! A server that is weak in every way: it believes whoever says anything, keeps every id, ends nothing, reads everything, and
//! says all it knows. It is what the lab must succeed against.

mod answers;
mod asking;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::auth::mode::Mode;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::answers::{done, page, redirect, refused, token, tokens};
use self::asking::Asking;
use crate::outcome::Inconclusive;
use crate::support::PASSWORD;

pub struct Weak {
    mode: Mode,
    people: Mutex<HashSet<String>>,
    /// From where somebody signed in last, by their own word.
    address: Mutex<String>,
}

/// Its address.
pub async fn start(mode: Mode) -> Result<String, Inconclusive> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let weak = Arc::new(Weak {
        mode,
        people: Mutex::default(),
        address: Mutex::default(),
    });
    let router = Router::new().fallback(answer).with_state(weak);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(base)
}

async fn answer(State(weak): State<Arc<Weak>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let asking = Asking::of(parts, &body);
    let mut response = weak.answer(&asking).await;
    answers::allow_everybody(&asking, &mut response);
    response
}

impl Weak {
    async fn answer(&self, asking: &Asking) -> Response {
        let path = asking.path.split(';').next().unwrap_or_default();
        if asking.method == "TRACE" {
            return done(&json!(asking.everything));
        }
        match path {
            "/api/sign_up" => self.sign_up(asking),
            "/api/sign_in" => self.sign_in(asking).await,
            "/api/ask_for_reset" => self.ask_for_reset(asking),
            "/api/refresh/exchange" => self.grant(asking, "whoever"),
            "/api/v1/token" if asking.method == Method::POST => self.token(asking).await,
            "/api/v1/token/refresh" => tokens(asking, "whoever"),
            "/api/refresh" => done(&json!({"token": token("whoever", asking)})),
            "/api/viewer" => done(&viewer(asking)),
            "/api/sign_ins" | "/api/v1/sign-ins" => self.list(),
            "/.well-known/jwks.json" => done(&answers::keys()),
            "/api/v1/openapi.json" => done(&answers::document()),
            _ if asking.wants_page() && path.starts_with("/api/") => redirect(asking),
            _ if path.starts_with("/api/") => done(&json!({
                "email": "whoever@weak.example", "query": "SELECT * FROM users", "file": "/src/main.rs:1",
            })),
            _ => page(asking),
        }
    }

    fn sign_up(&self, asking: &Asking) -> Response {
        let email = asking.field("email");
        if let (Some(email), Ok(mut people)) = (&email, self.people.lock()) {
            people.insert(email.clone());
        }
        self.grant(asking, &email.unwrap_or_default())
    }

    async fn sign_in(&self, asking: &Asking) -> Response {
        match (asking.field("email"), asking.field("password")) {
            (Some(email), _) if email.is_empty() => refused(422, "no email"),
            (Some(email), Some(password)) => match self.look_at(&email, &password).await {
                Some(refusal) if !asking.wants_page() => refusal,
                Some(_) => redirect(asking),
                None => self.grant(asking, &email),
            },
            _ if asking.wants_page() => redirect(asking),
            _ => self.grant(asking, "whoever"),
        }
    }

    async fn token(&self, asking: &Asking) -> Response {
        if let Ok(mut address) = self.address.lock() {
            *address = asking
                .header("x-forwarded-for")
                .unwrap_or_else(|| "127.0.0.1".to_owned());
        }
        if asking.proof_nonce().is_some_and(|nonce| nonce.is_empty()) {
            return answers::nonce_first();
        }
        let email = asking.field("username").unwrap_or_default();
        let password = asking.field("password").unwrap_or_default();
        match self.look_at(&email, &password).await {
            Some(refusal) if !email.is_empty() => refusal,
            _ => tokens(asking, &email),
        }
    }

    /// Believes whatever stands in the field, and says who has an account.
    fn ask_for_reset(&self, asking: &Asking) -> Response {
        let email = asking.field("email").unwrap_or_default();
        let is_plain = email.bytes().all(|b| b.is_ascii_graphic() && b != b',');
        let is_known = self
            .people
            .lock()
            .is_ok_and(|people| people.contains(&email));
        if is_plain && !is_known {
            return refused(404, "There is no such user.");
        }
        done(&json!({"sent_to": email}))
    }

    /// Says, and shows by the time it takes, whether somebody has an account.
    async fn look_at(&self, email: &str, password: &str) -> Option<Response> {
        let is_known = self
            .people
            .lock()
            .is_ok_and(|people| people.contains(email));
        if !is_known {
            return Some(refused(401, "There is no such user."));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        (password != PASSWORD).then(|| refused(401, "The password is wrong."))
    }

    /// Keeps the session id that somebody came with.
    fn grant(&self, asking: &Asking, email: &str) -> Response {
        let session = asking.cookie_like("session");
        let session = session.unwrap_or_else(|| crate::forge::encode(email));
        match self.mode {
            Mode::CookieSession => {
                answers::with_cookie(done(&json!({})), &format!("session={session}"))
            }
            Mode::Jwt => {
                let body = json!({"access_token": {"token": token(email, asking)}});
                answers::with_cookie(done(&body), "refresh=1")
            }
        }
    }

    fn list(&self) -> Response {
        let address = self.address.lock().map(|address| address.clone());
        done(&json!([{"id": "AAAAAAAAAAAAAAAAAAAAAA", "address": address.unwrap_or_default()}]))
    }
}

fn viewer(asking: &Asking) -> Value {
    match asking.who() {
        Some(email) => json!({"user": {"email": email}}),
        None => json!("anonymous"),
    }
}
