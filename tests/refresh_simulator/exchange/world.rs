//! One run in which the server is rebuilt for the other mode: the honest browser, a thief, the real servers, and the laws.

use std::time::Duration;

use app::auth::mode::Mode;
use app::domain::sign_in::Kind;

use super::super::bench::Bench;
use super::super::browser::{Names, Naming};
use super::super::event::{Event, Schedule, Start};
use super::super::run::{Breach, Scope};
use super::answer::{Entry, Jar};
use super::browser::Browser;
use super::law::{Act, Proof};
use super::server::{Server, other};

/// Steps of the clock: at the edge of the ten seconds, and until the access token is stale.
const WAITS: [u64; 3] = [9, 11, 300];
/// What a thief calls its attempts, who has no name of the browser's.
const OWN: Names = Names {
    name: Some(usize::MAX),
    earlier: None,
};

pub struct Loot {
    pub jar: Jar,
    names: Names,
    /// The session it copied itself, or was given by the browser's own name: those it may share with the owner.
    pub shared: Option<Proof>,
    /// Whether it exchanged a session by the browser's own name.
    pub is_taken_for_owner: bool,
}

pub struct World {
    pub server: Server,
    pub browser: Browser,
    scope: Scope,
    pub loot: Option<Loot>,
    pub has_shown: bool,
    pub schedule: Schedule,
}

impl World {
    pub async fn new(bench: &Bench, scope: Scope, skew: i64) -> Self {
        let (kind, mode, entry) = match scope.start {
            Start::Sessions => (Kind::Cookie, Mode::Jwt, Entry::Nothing),
            _ => (Kind::Token, Mode::CookieSession, Entry::Token(300)),
        };
        let family = bench.family(skew, kind).await;
        let first = Some(0);
        let jar = match mode {
            Mode::Jwt => Jar {
                session: first,
                refresh: None,
            },
            Mode::CookieSession => Jar {
                session: None,
                refresh: first,
            },
        };
        let takes_names = scope.naming != Naming::None;
        Self {
            server: Server::new(family, mode, takes_names).await,
            browser: Browser::new(scope.tabs, other(mode), jar, entry),
            scope,
            loot: None,
            has_shown: false,
            schedule: Schedule {
                start: scope.start,
                skew,
                events: Vec::new(),
            },
        }
    }

    pub fn possible(&self) -> Vec<Event> {
        let events = &self.schedule.events;
        let last = events.last().copied();
        let used = events.iter().filter_map(|event| match event {
            Event::Load(tab) | Event::Send(tab) | Event::Look(tab) => Some(tab + 1),
            _ => None,
        });
        let mut possible = self.browser.possible(used.max().unwrap_or(0));
        if last != Some(Event::Flip) {
            possible.push(Event::Flip);
        }
        if !matches!(last, None | Some(Event::Wait(_))) {
            possible.extend(WAITS.map(Event::Wait));
        }
        possible.extend([
            Event::Copy,
            Event::CopyStorage,
            Event::Replay,
            Event::Swap,
            Event::Spy,
        ]);
        possible.retain(|event| self.can(*event));
        possible
    }

    fn can(&self, event: Event) -> bool {
        let loot = self.loot.as_ref();
        let may_steal = self.scope.has_thief;
        match event {
            Event::Copy => may_steal && loot.is_none_or(|it| it.jar != self.browser.jar),
            Event::CopyStorage => {
                let names = self.browser.names;
                may_steal
                    && names.name.is_some()
                    && loot.is_none_or(|it| it.names.name != names.name)
            }
            Event::Replay => loot.is_some_and(|it| it.jar.refresh.is_some()),
            Event::Swap => loot.is_some_and(|it| match self.server.mode {
                Mode::Jwt => it.jar.session.is_some(),
                Mode::CookieSession => it.jar.refresh.is_some(),
            }),
            Event::Spy => loot.is_some_and(|it| it.jar.session.is_some()),
            Event::ReplayBound | Event::Sleep(_) | Event::Restart | Event::Reload(_) => false,
            _ => self.browser.can(event),
        }
    }

    pub async fn step(&mut self, event: Event) -> Result<(), Breach> {
        if !self.can(event) {
            return Ok(());
        }
        self.schedule.events.push(event);
        match event {
            Event::Send(tab) => self.browser.send(tab, Act::Renew, false),
            Event::Load(tab) => self.load(tab).await?,
            Event::Deliver(index) => self.deliver(index).await?,
            Event::Arrive(index) => _ = self.browser.arrive(index, true),
            Event::ArriveHead(index) => _ = self.browser.arrive(index, false),
            Event::Lose(index) => self.browser.end(index),
            Event::Look(_) => self.look(true).await?,
            Event::LookInVain(_) => self.look(false).await?,
            Event::Wait(seconds) => self.wait(seconds),
            Event::Flip => self.flip(),
            Event::Copy => self.steal(OWN),
            Event::CopyStorage => self.steal(self.browser.names),
            Event::Replay => self.thief(Act::Renew).await?,
            Event::Swap => self.thief(Act::Exchange).await?,
            Event::Spy => self.spy().await?,
            Event::ReplayBound | Event::Sleep(_) | Event::Restart | Event::Reload(_) => {}
        }
        Ok(())
    }

    pub fn flip(&mut self) {
        self.server.flip();
        self.browser.flip();
    }

    pub fn wait(&mut self, seconds: u64) {
        self.browser.wait(seconds);
        for clock in &self.server.family.clocks {
            clock.advance(Duration::from_secs(seconds));
        }
    }

    pub async fn load(&mut self, tab: usize) -> Result<(), Breach> {
        let is_somebody = self.server.is_somebody(self.browser.jar.session).await?;
        self.browser.load(tab, self.server.mode, is_somebody);
        Ok(())
    }

    pub async fn look(&mut self, is_heard: bool) -> Result<(), Breach> {
        let Some(session) = self.browser.jar.session else {
            return Ok(());
        };
        match self.server.look(session).await? {
            Some(true) if is_heard => self.browser.jar.session = None,
            None if is_heard => self.browser.entry = Entry::Nothing,
            _ => {}
        }
        Ok(())
    }

    pub async fn deliver(&mut self, index: usize) -> Result<(), Breach> {
        let call = self.browser.calls[index];
        let (head, body) = self
            .server
            .call(call.act, call.jar, call.has_sid, call.names)
            .await?;
        if self.server.ledger.has_ended && !self.has_shown {
            return Err("an honest request ended the sign-in".to_owned());
        }
        self.browser.answer(index, head, body);
        Ok(())
    }

    fn steal(&mut self, names: Names) {
        let jar = self.browser.jar;
        self.loot = Some(Loot {
            jar,
            names,
            shared: jar.session,
            is_taken_for_owner: false,
        });
    }

    async fn thief(&mut self, act: Act) -> Result<(), Breach> {
        let Some(mut loot) = self.loot.take() else {
            return Ok(());
        };
        self.has_shown = true;
        let mut jar = loot.jar;
        if act == Act::Exchange && self.server.mode == Mode::CookieSession {
            jar.session = None;
        }
        let (head, _) = self
            .server
            .call(
                act,
                jar,
                self.server.mode == Mode::CookieSession,
                loot.names,
            )
            .await?;
        loot.jar.refresh = head.sets_refresh.or(loot.jar.refresh);
        loot.jar.session = head.sets_session.or(loot.jar.session);
        if loot.names != OWN {
            loot.is_taken_for_owner |= act == Act::Exchange && head.sets_refresh.is_some();
            loot.shared = head.sets_session.or(loot.shared);
        }
        self.loot = Some(loot);
        Ok(())
    }

    async fn spy(&mut self) -> Result<(), Breach> {
        self.has_shown = true;
        let session = self.loot.as_ref().and_then(|loot| loot.jar.session);
        self.server.is_somebody(session).await?;
        Ok(())
    }
}
