//! What the real servers say to a call, as `auth/jwt/server.rs` and `auth/session/server.rs` put it, held against the law.

use app::auth::mode::Mode;
use app::server::caller::Caller;
use app::server::secret::{Hashed, Secret, SessionId};
use app::server::sign_ins::RenewalError;
use app::server::sign_ins::exchange::ExchangeError;
use app::server::store::{Attempt, Held, Shown};

use super::super::bench::Family;
use super::super::browser::Names;
use super::super::run::Breach;
use super::answer::{Body, Head, Jar};
use super::law::{Act, Answer, Ledger, Proof};

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Refresh(Secret),
    Session(SessionId),
}

/// The servers, of which one answers, and all that was ever given.
pub struct Server {
    pub family: Family,
    pub mode: Mode,
    pub active: usize,
    pub ledger: Ledger,
    /// Whether exchanges are told the attempt's name, as they should be.
    pub takes_names: bool,
    values: Vec<Value>,
}

impl Server {
    /// The first proof is of the mode before `mode`.
    pub async fn new(family: Family, mode: Mode, takes_names: bool) -> Self {
        let first = match mode {
            Mode::Jwt => Value::Session(family.first_session().await),
            Mode::CookieSession => Value::Refresh(family.first_token().await),
        };
        let mut ledger = Ledger::default();
        if mode == Mode::Jwt {
            ledger.add_session(0);
        }
        Self {
            family,
            mode,
            active: 0,
            ledger,
            takes_names,
            values: vec![first],
        }
    }

    pub fn flip(&mut self) {
        self.active = 1 - self.active;
        self.mode = other(self.mode);
    }

    /// A call to the server as it is now. The page's mode shows in whether it says whose the proof should be.
    pub async fn call(
        &mut self,
        act: Act,
        jar: Jar,
        has_sid: bool,
        names: Names,
    ) -> Result<(Head, Body), Breach> {
        let mut head = Head::default();
        if act == Act::Renew {
            let Some(token) = jar.refresh else {
                head.removes_refresh = true;
                return Ok((head, Body::SignedOut));
            };
            let answer = self.show(token, Act::Renew, names).await?;
            return Ok(token_answer(answer, head, true));
        }
        match self.mode {
            Mode::Jwt if has_sid => Ok((head, Body::OldPage)),
            Mode::Jwt => {
                let Some(session) = jar.session else {
                    head.removes_session = true;
                    return Ok((head, Body::SignedOut));
                };
                let answer = self.show(session, Act::Exchange, names).await?;
                Ok(token_answer(answer, head, false))
            }
            Mode::CookieSession => self.exchange_token(jar, has_sid, names).await,
        }
    }

    async fn exchange_token(
        &mut self,
        jar: Jar,
        has_sid: bool,
        names: Names,
    ) -> Result<(Head, Body), Breach> {
        let mut head = Head::default();
        if self.is_somebody(jar.session).await? {
            head.removes_refresh = true;
            return Ok((head, Body::Empty));
        }
        let Some(token) = jar.refresh.filter(|_| has_sid) else {
            head.removes_refresh = has_sid;
            return Ok((head, Body::SignedOut));
        };
        let answer = self.show(token, Act::Exchange, names).await?;
        let body = match answer {
            Answer::Given(session) => {
                (head.sets_session, head.removes_refresh) = (Some(session), true);
                Body::Empty
            }
            Answer::Ended => {
                head.removes_refresh = true;
                Body::SignedOut
            }
            Answer::Late | Answer::Superseded => Body::OldPage,
            Answer::Overtaken => Body::Overtaken,
        };
        Ok((head, body))
    }

    /// Whether a page that comes with this session is somebody's.
    pub async fn is_somebody(&mut self, session: Option<Proof>) -> Result<bool, Breach> {
        let Some(session) = session else {
            return Ok(false);
        };
        let Value::Session(id) = &self.values[session] else {
            return Err("a refresh token stands where a session should".to_owned());
        };
        let now = self.family.clocks[self.active].now();
        let store = &self.family.stores[self.active];
        let found = store.find_session(&id.hashed(), now).await;
        let found = found.map_err(|error| format!("{error:?}"))?.is_some();
        let is_live = self.ledger.is_live(session);
        if found {
            self.ledger.supersede(false, now.0);
        }
        match found == is_live {
            true => Ok(found),
            false if found => Err("a session that is done with signs in".to_owned()),
            false => Err("a live session is nobody's".to_owned()),
        }
    }

    /// Somebody asks with a token, beside which is `session`; says whether that is removed. Nothing where the sign-in has
    /// ended.
    pub async fn look(&mut self, session: Proof) -> Result<Option<bool>, Breach> {
        let servers = &self.family.servers[self.active];
        let found = servers.find_live(&self.family.id).await;
        if found.map_err(|error| format!("{error:?}"))?.is_none() {
            return Ok(None);
        }
        let Value::Session(id) = &self.values[session] else {
            return Err("a refresh token stands where a session should".to_owned());
        };
        let removed = servers.supersede_session(id, &self.family.id).await;
        let removed = removed.map_err(|error| format!("{error:?}"))?;
        if removed {
            let now = self.family.clocks[self.active].now();
            self.ledger.supersede(true, now.0);
        }
        Ok(Some(removed))
    }

    /// Shows a proof to the real server, and holds its answer against the law.
    async fn show(&mut self, shown: Proof, act: Act, names: Names) -> Result<Answer, Breach> {
        let hashed = |name: usize| Hashed::of(&format!("attempt {name}"));
        let told = if self.takes_names {
            names
        } else {
            Names::default()
        };
        let attempt = Attempt {
            name: told.name.map(hashed),
            earlier: told.earlier.map(hashed),
        };
        let answer = match (self.values[shown].clone(), act) {
            (Value::Session(session), _) => self.exchange_session(session, attempt).await?,
            (Value::Refresh(token), Act::Exchange) => {
                self.exchange_refresh_token(shown_by(token, attempt))
                    .await?
            }
            (Value::Refresh(token), Act::Renew) => self.renew(shown_by(token, attempt)).await?,
        };
        let now = self.family.clocks[self.active].now().0;
        self.ledger.judge(shown, act, names, now, answer)?;
        Ok(answer)
    }

    async fn renew(&mut self, shown: Shown) -> Result<Answer, Breach> {
        match self.family.servers[self.active].renew(shown).await {
            Ok(renewal) => Ok(self.given(Value::Refresh(renewal.refresh_token))),
            Err(RenewalError::Overtaken) => Ok(Answer::Overtaken),
            Err(RenewalError::Late) => Ok(Answer::Late),
            Err(RenewalError::Ended) => Ok(Answer::Ended),
            Err(RenewalError::Store(error)) => Err(format!("{error}: {error:?}")),
        }
    }

    async fn exchange_session(
        &mut self,
        session: SessionId,
        attempt: Attempt,
    ) -> Result<Answer, Breach> {
        let servers = &self.family.servers[self.active];
        match servers.exchange_session(shown_by(session, attempt)).await {
            Ok(exchanged) => Ok(self.given(Value::Refresh(exchanged.proof))),
            Err(error) => refusal(error),
        }
    }

    async fn exchange_refresh_token(&mut self, shown: Shown) -> Result<Answer, Breach> {
        let servers = &self.family.servers[self.active];
        let expected = self.family.id.clone();
        let data = |_: &_| "{}".to_owned();
        match servers.exchange_refresh_token(shown, expected, data).await {
            Ok(exchanged) => Ok(self.given(Value::Session(exchanged.proof))),
            Err(error) => refusal(error),
        }
    }

    fn given(&mut self, value: Value) -> Answer {
        let known = self.values.iter().position(|it| *it == value);
        let proof = known.unwrap_or(self.values.len());
        if matches!(value, Value::Session(_)) {
            self.ledger.add_session(proof);
        }
        if known.is_none() {
            self.values.push(value);
        }
        Answer::Given(proof)
    }
}

fn token_answer(answer: Answer, mut head: Head, renews: bool) -> (Head, Body) {
    let body = match answer {
        Answer::Given(token) => {
            head.sets_refresh = Some(token);
            Body::Token
        }
        Answer::Ended => {
            (head.removes_refresh, head.removes_session) = (renews, !renews);
            Body::SignedOut
        }
        Answer::Superseded => Body::SignedOut,
        Answer::Late => Body::OldPage,
        Answer::Overtaken => Body::Overtaken,
    };
    (head, body)
}

pub fn other(mode: Mode) -> Mode {
    match mode {
        Mode::Jwt => Mode::CookieSession,
        Mode::CookieSession => Mode::Jwt,
    }
}

fn shown_by<Proof>(proof: Proof, attempt: Attempt) -> Shown<Proof> {
    Shown {
        proof,
        attempt,
        caller: Caller::default(),
        held: Held::Key(None),
    }
}

fn refusal(error: ExchangeError) -> Result<Answer, Breach> {
    match error {
        ExchangeError::Superseded => Ok(Answer::Superseded),
        ExchangeError::Late => Ok(Answer::Late),
        ExchangeError::Overtaken => Ok(Answer::Overtaken),
        ExchangeError::Ended => Ok(Answer::Ended),
        ExchangeError::Store(error) => Err(format!("{error}: {error:?}")),
    }
}
