//! Everybody who might ask for something, with either kind of proof, made through the services: neither build hands out both.

use app::auth::jwt::server::token_pair::TokenPair;
use app::domain::sign_in::{Keep, Kind, SignIn};
use app::domain::user::User;
use app::server::access::{Kind as LineKind, Line, TABLE};
use app::server::caller::Caller;
use app::server::secret::SessionId;
use axum::http::Request;

use super::devices::user_of;
use super::{Answer, PASSWORD, TestServer};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Nobody,
    /// Just signed in.
    Owner(Kind),
    /// Signed in longer ago than the password counts.
    Stale(Kind),
    /// Just signed in, and what is asked about is not theirs.
    SomebodyElse(Kind),
}

pub struct Cast {
    pub server: TestServer,
    ada: User,
    bob: User,
}

/// The lines of every server function there is.
pub fn functions() -> impl Iterator<Item = &'static Line> {
    TABLE
        .iter()
        .filter(|line| matches!(line.kind, LineKind::Reader | LineKind::Writer))
}

impl Cast {
    pub const ALL: [Asker; 7] = [
        Asker::Nobody,
        Asker::Owner(Kind::Cookie),
        Asker::Stale(Kind::Cookie),
        Asker::SomebodyElse(Kind::Cookie),
        Asker::Owner(Kind::Token),
        Asker::Stale(Kind::Token),
        Asker::SomebodyElse(Kind::Token),
    ];

    pub async fn assemble() -> Self {
        let many = [("TWOFOLD_SIGN_INS_PER_PERSON", "1000")];
        let server = TestServer::start_with(&many, axum::Router::new()).await;
        server.browser().sign_up().await;
        let ada = user_of(&server).await;
        server.browser().sign_up_as("bob@example.com").await;
        let bob = User {
            id: server
                .select("SELECT id FROM users WHERE email = 'bob@example.com'")
                .await
                .remove(0)
                .into(),
            email: app::domain::email::Email::parse("bob@example.com").unwrap(),
            created_at: ada.created_at,
            password_version: 0,
        };
        Self { server, ada, bob }
    }

    /// Asks for what a line is about, with everything filled in that it might want. What has an id is Ada's.
    pub async fn ask(&self, line: &Line, asker: Asker) -> Answer {
        let object = self.begin(&self.ada, Kind::Token).await.id;
        let path = line.path.replace("{id}", object.as_str());
        let path = path.replace("{*file}", "no-such-file.js");
        let mut request = self.request(line.method.as_str(), &path);
        if let Some((name, value)) = self.proof(asker).await {
            request = request.header(name, value);
        }
        let credentials = [("username", "ada@example.com"), ("password", PASSWORD)];
        let request = if path.starts_with("/api/v1/") {
            request.form(&[&credentials[..], &[("grant_type", "password")]].concat())
        } else {
            let own = [("id", object.as_str()), ("email", "ada@example.com")];
            request.form(&[&credentials[..], &own].concat())
        };
        Answer::of(request.send().await.unwrap()).await
    }

    /// A request from a page of ours, with nobody's proof.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let wants = if path.starts_with("/api/") {
            "application/json"
        } else {
            "text/html"
        };
        let request = self.server.browser().bare(method, path);
        request
            .header("accept", wants)
            .header("sec-fetch-site", "same-origin")
    }

    /// The header that proves who asks, of a sign-in that nobody else uses.
    pub async fn proof(&self, asker: Asker) -> Option<(&'static str, String)> {
        let (user, kind) = match asker {
            Asker::Nobody => return None,
            Asker::Owner(kind) | Asker::Stale(kind) => (&self.ada, kind),
            Asker::SomebodyElse(kind) => (&self.bob, kind),
        };
        let (services, proof) = (
            &self.server.services,
            match kind {
                Kind::Cookie => self.session(user).await,
                Kind::Token => {
                    let parts = Request::new(()).into_parts().0;
                    let services = &self.server.services;
                    let pair = TokenPair::begin(services, user, Keep::Longer, &parts).await;
                    let token = pair.ok().unwrap().access_token.token;
                    ("authorization", format!("Bearer {token}"))
                }
            },
        );
        if matches!(asker, Asker::Stale(_)) {
            let ago = services.clock.now().0 - 600;
            let sql = format!(
                "UPDATE sign_ins SET authenticated_at = {ago} WHERE authenticated_at > {ago}"
            );
            self.server.execute(sql).await;
        }
        Some(proof)
    }

    async fn session(&self, user: &User) -> (&'static str, String) {
        let sign_in = self.begin(user, Kind::Cookie).await;
        let id = SessionId::random();
        let data = format!(r#"{{"sign_in":"{}"}}"#, sign_in.id.as_str());
        let store = &self.server.services.store;
        store
            .insert_session(&id.hashed(), &sign_in.id, &data)
            .await
            .unwrap();
        ("cookie", format!("__Host-session={}", id.reveal()))
    }

    async fn begin(&self, user: &User, kind: Kind) -> SignIn {
        let sign_ins = &self.server.services.sign_ins;
        let caller = Caller::default();
        let begun = sign_ins.begin(user, kind, Keep::Longer, &caller);
        begun.await.unwrap()
    }
}
