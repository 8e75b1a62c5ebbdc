//! One run: the honest browser, a thief and the real servers, and the laws that hold after every step.

use std::collections::HashMap;
use std::time::Duration;

use app::domain::sign_in::Kind;
use app::server::caller::Caller;
use app::server::secret::{Hashed, Secret};
use app::server::sign_ins::RenewalError;
use app::server::store::{Attempt, Held, Shown};

use super::bench::{Bench, Family};
use super::browser::{Answer, Browser, Names, Token};
use super::event::{Event, Schedule, Start};
use super::law::{Again, Spent};
use super::run::{Breach, Scope};

/// Steps of the clock: within the grace window, at its edge, and until the access token is stale.
const WAITS: [u64; 4] = [3, 9, 11, 300];
/// An hour, and a day and an hour.
const SLEEPS: [u64; 2] = [3_600, 90_000];
/// More days than this without a renewal are another story: that of the idle end.
const MOST_SLEEPS: usize = 6;

pub struct World {
    family: Family,
    browser: Browser,
    scope: Scope,
    server: usize,
    tokens: Vec<Secret>,
    spent: HashMap<Token, Spent>,
    has_ended: bool,
    /// What the thief has, and whether it has ever shown it.
    loot: Option<Token>,
    stolen_names: Names,
    has_replayed: bool,
    /// Whether the live token is bound to the thief's key.
    is_bound: bool,
    pub schedule: Schedule,
}

impl World {
    pub async fn new(bench: &Bench, scope: Scope, skew: i64) -> Self {
        let family = bench.family(skew, Kind::Token).await;
        Self {
            browser: Browser::new(scope.tabs, scope.naming),
            scope,
            server: 0,
            tokens: vec![family.first_token().await],
            spent: HashMap::new(),
            has_ended: false,
            loot: None,
            stolen_names: Names::default(),
            has_replayed: false,
            is_bound: false,
            schedule: Schedule {
                start: Start::Renewals,
                skew,
                events: Vec::new(),
            },
            family,
        }
    }

    /// Events that are worth trying next; whatever changes nothing, or is the same in another order, is left out: time
    /// passes once between two other events, and a restart is felt by the request that comes next.
    pub fn possible(&self) -> Vec<Event> {
        let last = self.schedule.events.last().copied();
        let mut events = self.browser.possible();
        if last == Some(Event::Restart) {
            events.retain(|event| matches!(event, Event::Deliver(_)));
            events.extend([Event::Replay, Event::ReplayBound]);
        } else {
            events.extend([
                Event::Restart,
                Event::Copy,
                Event::CopyStorage,
                Event::Replay,
                Event::ReplayBound,
            ]);
            if !matches!(last, None | Some(Event::Wait(_) | Event::Sleep(_))) {
                events.extend(WAITS.map(Event::Wait));
                events.extend(SLEEPS.map(Event::Sleep));
            }
        }
        events.retain(|event| self.can(*event));
        events
    }

    fn can(&self, event: Event) -> bool {
        let sleeps = |it: &&Event| matches!(it, Event::Sleep(_));
        let has_thief = self.scope.has_thief;
        match event {
            Event::Sleep(_) => self.schedule.events.iter().filter(sleeps).count() < MOST_SLEEPS,
            Event::Copy => has_thief && self.browser.jar().is_some_and(|it| self.loot != Some(it)),
            // Without a name in storage it is the same as the cookie alone.
            Event::CopyStorage => {
                let name = self.browser.names().name;
                name.is_some() && self.stolen_names.name != name && self.can(Event::Copy)
            }
            Event::Replay => has_thief && self.loot.is_some(),
            Event::ReplayBound => self.scope.thief_binds && self.can(Event::Replay),
            Event::Restart => self.loot.is_some() || self.browser.has_request(),
            _ => self.browser.can(event),
        }
    }

    /// Lets `event` happen, or nothing where it cannot.
    pub async fn step(&mut self, event: Event) -> Result<(), Breach> {
        if !self.can(event) {
            return Ok(());
        }
        self.schedule.events.push(event);
        match event {
            Event::Send(tab) => self.browser.send(tab),
            Event::Deliver(index) => return self.deliver(index).await,
            Event::Arrive(index) => self.browser.arrive(index, true),
            Event::ArriveHead(index) => self.browser.arrive(index, false),
            Event::Lose(index) => self.browser.end(index),
            Event::Reload(tab) => self.browser.reload(tab),
            Event::Restart => self.server = 1 - self.server,
            Event::Wait(seconds) => {
                self.browser.wait(seconds);
                self.let_pass(seconds);
            }
            Event::Sleep(seconds) => {
                self.browser.sleep(seconds);
                self.let_pass(seconds);
            }
            Event::Copy => self.loot = self.browser.jar(),
            Event::CopyStorage => {
                self.loot = self.browser.jar();
                self.stolen_names = self.browser.names();
            }
            Event::Replay => return self.replay(None).await,
            Event::ReplayBound => return self.replay(Some("the thief's")).await,
            _ => {}
        }
        Ok(())
    }

    /// Afterwards the browser renews once more, undisturbed, or as the page does it: once more if it was overtaken.
    pub async fn finish(mut self) -> Result<(), Breach> {
        if self.browser.jar().is_some() {
            self.browser.wait(300);
            self.let_pass(300);
            self.renew().await?;
        }
        if !self.browser.is_settled() {
            self.renew().await?;
        }
        if !self.browser.is_settled() {
            return Err("a browser is neither renewed nor signed out".to_owned());
        }
        if !self.has_replayed && self.browser.jar().is_none() {
            return Err("an honest browser is signed out".to_owned());
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<(), Breach> {
        self.browser.send(0);
        let last = self.browser.exchanges.len() - 1;
        self.deliver(last).await?;
        self.browser.arrive(last, true);
        Ok(())
    }

    fn let_pass(&self, seconds: u64) {
        for clock in &self.family.clocks {
            clock.advance(Duration::from_secs(seconds));
        }
    }

    async fn deliver(&mut self, index: usize) -> Result<(), Breach> {
        let (presented, names) = {
            let exchange = &self.browser.exchanges[index];
            (exchange.presented, exchange.names)
        };
        let answer = self.present(presented, names, None).await?;
        if answer == Answer::Ended && !self.has_replayed {
            return Err("an honest request ended the sign-in".to_owned());
        }
        self.browser.answer(index, answer);
        Ok(())
    }

    async fn replay(&mut self, key: Option<&str>) -> Result<(), Breach> {
        let Some(loot) = self.loot else { return Ok(()) };
        self.has_replayed = true;
        if let Answer::Renewed(token) = self.present(loot, self.stolen_names, key).await? {
            self.loot = Some(token);
        }
        Ok(())
    }

    /// Shows a token to the real server, with a key or without, and holds its answer against the law.
    async fn present(
        &mut self,
        presented: Token,
        names: Names,
        key: Option<&str>,
    ) -> Result<Answer, Breach> {
        let server = &self.family.servers[self.server];
        let bound_to = server.key_of(&self.tokens[presented]).await;
        // As `auth/jwt/server/possession.rs` does it: a copy without the key is refused before anything else.
        if let Ok(Some(bound_to)) = bound_to
            && key != Some(bound_to.as_str())
        {
            return self.refused_without_key(presented);
        }
        let hashed = |name: usize| Hashed::of(&format!("attempt {name}"));
        let result = server
            .renew(Shown {
                proof: self.tokens[presented].clone(),
                attempt: Attempt {
                    name: names.name.map(hashed),
                    earlier: names.earlier.map(hashed),
                },
                caller: Caller::default(),
                held: Held::Key(key.map(str::to_owned)),
            })
            .await;
        let answer = match result {
            Ok(renewal) => Answer::Renewed(self.token(renewal.refresh_token)),
            Err(RenewalError::Overtaken) => Answer::Overtaken,
            Err(RenewalError::Late) => return Err("nothing was exchanged".to_owned()),
            Err(RenewalError::Ended) => Answer::Ended,
            Err(RenewalError::Store(error)) => return Err(format!("{error}: {error:?}")),
        };
        self.judge(presented, names, key, answer)?;
        Ok(answer)
    }

    /// Only what the thief has renewed is bound, and only the thief has that.
    fn refused_without_key(&self, presented: Token) -> Result<Answer, Breach> {
        if self.has_ended || self.loot == Some(presented) {
            return Ok(Answer::Ended);
        }
        Err("the owner has a token that is bound to another's key".to_owned())
    }

    fn judge(
        &mut self,
        presented: Token,
        names: Names,
        key: Option<&str>,
        answer: Answer,
    ) -> Result<(), Breach> {
        let at = self.family.clocks[self.server].now().0;
        let breach = match (self.spent.get(&presented), answer) {
            (_, Answer::Ended) if self.has_ended => None,
            _ if self.has_ended => Some("an ended sign-in gives an answer"),
            (None, Answer::Renewed(_)) => None,
            (None, _) => Some("a live token is refused"),
            (Some(spent), answer) => {
                let is_used = self.spent.contains_key(&spent.successor);
                let is_foreign = self.is_bound && key.is_none() && !is_used;
                let again = Again {
                    at,
                    names,
                    is_used,
                    is_foreign,
                };
                spent.broken_by(&again, answer)
            }
        };
        if let Answer::Renewed(successor) = answer {
            self.is_bound |= key.is_some() && !self.spent.contains_key(&presented);
            self.spent.entry(presented).or_insert(Spent {
                at,
                attempt: names.name,
                successor,
            });
        }
        self.has_ended |= answer == Answer::Ended;
        breach.map_or(Ok(()), |law| Err(law.to_owned()))
    }

    fn token(&mut self, secret: Secret) -> Token {
        let known = self.tokens.iter().position(|it| *it == secret);
        known.unwrap_or_else(|| {
            self.tokens.push(secret);
            self.tokens.len() - 1
        })
    }
}
