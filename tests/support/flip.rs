//! A person who signed in before the server was built for this mode: with a proof of the other kind, made through the
//! services, because this build does not hand one out.

use app::domain::sign_in::{Keep, Kind};
use app::server::caller::Caller;
use app::server::secret::Secret;

use super::devices::user_of;
use super::{Answer, Browser, MODE, Mode, TestServer};

const SESSION: (&str, &str) = ("__Host-session", "/");
const REFRESH: (&str, &str) = ("__Secure-refresh", "/api/refresh");

pub struct Flip {
    pub server: TestServer,
    pub sign_in_id: String,
    pub old_proof: String,
}

impl Flip {
    pub async fn begin(keep: Keep) -> Self {
        let server = TestServer::start().await;
        let mut first = server.browser();
        first.sign_up().await;
        first.sign_out().await;
        let user = user_of(&server).await;
        let kind = match MODE {
            Mode::CookieSession => Kind::Token,
            Mode::Jwt => Kind::Cookie,
        };
        let sign_ins = &server.services.sign_ins;
        let sign_in = sign_ins
            .begin(&user, kind, keep, &Caller::default())
            .await
            .unwrap();
        server
            .execute(format!(
                "DELETE FROM sign_ins WHERE id <> '{}'",
                sign_in.id.as_str()
            ))
            .await;
        let old_proof = match kind {
            Kind::Token => {
                let token = sign_ins.first_refresh_token(&sign_in.id).await.unwrap();
                token.reveal().to_owned()
            }
            Kind::Cookie => {
                // As a refresh token gives one, and then as if it had begun as a session.
                let seed = Secret::random();
                let id = Secret::random().session(&seed);
                let data = format!(r#"{{"sign_in":"{}"}}"#, sign_in.id.as_str());
                let store = &server.services.store;
                store
                    .insert_session(&id.hashed(), &sign_in.id, &data)
                    .await
                    .unwrap();
                id.reveal().to_owned()
            }
        };
        Self {
            server,
            sign_in_id: sign_in.id.as_str().to_owned(),
            old_proof,
        }
    }

    /// As the page does, which in cookie mode says whose the proof should be.
    pub async fn exchange(&self, browser: &mut Browser) -> Answer {
        let sid = [("sid", self.sign_in_id.as_str())];
        let fields: &[_] = match MODE {
            Mode::CookieSession => &sid,
            Mode::Jwt => &[],
        };
        browser.call("/api/refresh/exchange", fields).await
    }

    pub async fn renew(&self, browser: &mut Browser) -> u16 {
        browser.call("/api/refresh", &[]).await.status.as_u16()
    }

    /// What the audit trail has, of whomever.
    pub async fn noted(&self) -> Vec<String> {
        self.server
            .select("SELECT event FROM audit_events WHERE event = 'proof_reused'")
            .await
    }

    /// Somebody else's browser, with a copy of the proof, who knows whose it is as well.
    pub fn thief(&self) -> Browser {
        let mut thief = self.browser();
        thief.attempt = Some("ThiefsOwnNameForTheAttempt");
        thief
    }

    /// A tab of the person's browser.
    pub fn browser(&self) -> Browser {
        self.browser_with(&self.old_proof)
    }

    pub fn browser_with(&self, proof: &str) -> Browser {
        let mut browser = self.server.browser();
        browser.attempt = Some("OneNameForAllTabsOfABrowser");
        let (name, path) = old();
        let kept = (proof.to_owned(), path.to_owned());
        browser.cookies.insert(name.to_owned(), kept);
        browser
    }

    /// Whether the old proof still does what it did in its own mode.
    pub async fn takes_old_proof(&self) -> bool {
        let mut browser = self.browser();
        match MODE {
            Mode::CookieSession => browser.call("/api/refresh", &[]).await.status == 200,
            Mode::Jwt => browser.viewer().await.is_some(),
        }
    }

    pub async fn end(&self) {
        let id = self.sign_in_id.clone().into();
        let caller = Caller::default();
        let sign_ins = &self.server.services.sign_ins;
        sign_ins.sign_out(&id, &caller).await.unwrap();
    }

    pub async fn proofs_of_new_kind(&self) -> String {
        let sql = match MODE {
            Mode::CookieSession => "SELECT count(*) FROM sessions",
            Mode::Jwt => "SELECT count(*) FROM refresh_tokens",
        };
        self.server.select(sql).await.remove(0)
    }
}

fn old() -> (&'static str, &'static str) {
    match MODE {
        Mode::CookieSession => REFRESH,
        Mode::Jwt => SESSION,
    }
}

/// The cookie of the other mode's proof.
pub fn old_name() -> &'static str {
    old().0
}

/// The cookie of this mode's proof.
pub fn new_name() -> &'static str {
    match MODE {
        Mode::CookieSession => SESSION.0,
        Mode::Jwt => REFRESH.0,
    }
}
