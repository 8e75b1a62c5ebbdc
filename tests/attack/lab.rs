//! The instance that is attacked, as it looks from outside, and the people who have accounts there.

use std::time::Duration;

use app::auth::mode::Mode;
use serde_json::Value;

use crate::forge::part;
use crate::outcome::{Inconclusive, brief, control};
use crate::own_keys::OwnKeys;
use crate::support::keyholder::Keyholder;
use crate::support::program::{Program, TOKEN, credentials, post_json};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser, PASSWORD};

/// How long the lab waits before it calls something open for ever.
#[derive(Clone, Copy)]
pub struct Patience {
    /// A head or a body that does not come, and a connection that asks nothing.
    pub sockets: Duration,
    /// A refresh token that was spent, until it may not be asked for again.
    pub renewals: Duration,
    /// A password, until it must be given again; without it that attack is left out.
    pub confirmation: Option<Duration>,
}

impl Patience {
    /// The server cuts a head after 20 seconds and a body after 30, and forgives a second renewal for 10.
    pub const REAL: Self = Self {
        sockets: Duration::from_secs(34),
        renewals: Duration::from_millis(11_500),
        confirmation: None,
    };
}

pub struct Lab {
    /// Where it is reached.
    pub base: String,
    /// Where it says that it is, which is another place behind a proxy.
    origin: String,
    pub mode: Mode,
    pub patience: Patience,
    /// Of a server of the lab's own.
    pub keys: Option<OwnKeys>,
    /// Where another server of the lab's own is, which says that it is reached over TLS.
    pub secure_base: Option<String>,
    /// Whose account most attacks are about.
    pub owner: Person,
    /// Who has the programs: nobody may have more than fifty sign-ins at a time.
    programmer: Person,
}

#[derive(Clone)]
pub struct Person {
    pub email: String,
    /// Signed in, and known as a device.
    pub browser: Browser,
}

impl Lab {
    /// Makes the first account, and finds out by it what kind of instance this is.
    pub async fn open(base: String, patience: Patience) -> Result<Self, Inconclusive> {
        let (owner, answer) = sign_up(Browser::visiting(base.clone(), None)).await?;
        let mode = if answer.json()["access_token"].is_object() {
            Mode::Jwt
        } else {
            Mode::CookieSession
        };
        let program = credentials(&owner.email, PASSWORD);
        let grant = post_json(&owner.browser, TOKEN, &program).await;
        control(grant.status == 200, "a program signs in", brief(&grant))?;
        let token = grant.json();
        let claims = part(token["access_token"].as_str().unwrap_or_default(), 1);
        let origin = claims["iss"].as_str().unwrap_or(&base).to_owned();
        let (programmer, _) = sign_up(Browser::visiting(base.clone(), None)).await?;
        Ok(Self {
            base,
            origin,
            mode,
            patience,
            keys: None,
            secure_base: None,
            owner,
            programmer,
        })
    }

    /// Somebody with a new account, who is signed in.
    pub async fn person(&self) -> Result<Person, Inconclusive> {
        Ok(sign_up(self.browser()).await?.0)
    }

    /// One more browser of the owner's, signed in by itself.
    pub async fn sign_in(&self) -> Result<Browser, Inconclusive> {
        self.sign_in_as(&self.owner).await
    }

    pub async fn sign_in_as(&self, person: &Person) -> Result<Browser, Inconclusive> {
        let mut browser = self.browser();
        let answer = browser.sign_in_with(&person.email, PASSWORD).await;
        control(answer.status == 200, "signing in", brief(&answer))?;
        Ok(browser)
    }

    /// A program with a pair of tokens that nobody else uses.
    pub async fn program(&self) -> Program {
        Program::sign_in_as(self, &self.programmer.email).await
    }

    /// A program whose tokens are bound to its key; none where the instance binds none, and so does not mind what a proof is.
    pub async fn keyholder(&self, seed: u8) -> Result<Option<Keyholder>, Inconclusive> {
        let email = &self.programmer.email;
        let request = self.browser().bare("POST", TOKEN).header("dpop", "x");
        let request = request.header("content-type", "application/json");
        let body = credentials(email, PASSWORD).to_string();
        let answer = Answer::of(request.body(body).send().await?).await;
        if answer.status == 200 {
            return Ok(None);
        }
        let mut holder = Keyholder::new(self, seed);
        holder.email.clone_from(email);
        let holder = holder.signed_in().await;
        let claims = part(&holder.access_token, 1);
        control(claims["cnf"].is_object(), "the token is bound", claims)?;
        Ok(Some(holder))
    }

    /// Somebody who comes from another address, where that can be had, with limits of their own.
    pub fn elsewhere(&self, number: u8) -> Browser {
        let is_near = ["http://localhost:", "http://127.0.0.1:"];
        if cfg!(target_os = "linux") && is_near.iter().any(|near| self.base.starts_with(near)) {
            return self.browser().at(&format!("127.0.66.{number}"));
        }
        self.browser()
    }

    /// A browser of an instance that is reached over TLS: this one, or another of the lab's own.
    pub fn browser_over_tls(&self) -> Option<Browser> {
        if self.origin.starts_with("https://") {
            return Some(self.browser());
        }
        let base = self.secure_base.clone()?;
        Some(Browser::visiting(base, None))
    }

    /// Host and port, for a socket.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

impl Reachable for Lab {
    fn browser(&self) -> Browser {
        Browser::visiting(self.base.clone(), None)
    }

    fn origin(&self) -> String {
        self.origin.clone()
    }
}

pub fn new_address() -> String {
    format!("attack-{:016x}@example.com", fastrand::u64(..))
}

async fn sign_up(mut browser: Browser) -> Result<(Person, Answer), Inconclusive> {
    let email = new_address();
    let answer = browser.sign_up_as(&email).await;
    control(answer.status == 200, "signing up", brief(&answer))?;
    Ok((Person { email, browser }, answer))
}

/// The cookies of a browser, as it sends them to `path`.
pub fn cookies_for(browser: &Browser, path: &str) -> String {
    let sent = browser.cookies.iter();
    let sent = sent.filter(|(_, (_, to))| path.starts_with(to.as_str()));
    let pairs = sent.map(|(name, (value, _))| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Whom the server takes a request with these headers for.
pub async fn viewer_with(lab: &Lab, headers: &[(&str, &str)]) -> Result<Answer, Inconclusive> {
    let mut request = lab.browser().bare("POST", "/api/viewer");
    request = request
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    Ok(Answer::of(request.send().await?).await)
}

/// The address of the person that an answer is about.
pub fn user_in(answer: &Answer) -> Option<String> {
    let json: Value = answer.json();
    json["user"]["email"].as_str().map(str::to_owned)
}
