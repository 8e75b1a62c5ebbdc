//! The honest browser of `exchange`: both cookies, storage, pages of either mode, and what is on its way. Follows
//! `auth/jwt.rs` and `auth/session/leftover.rs`, without the lock.

use app::auth::mode::Mode;

use super::super::browser::Names;
use super::super::event::Event;
use super::answer::{Body, Entry, Head, Jar};
use super::law::{Act, Proof};

/// Seconds after which a renewal is given up (`ANSWER_PATIENCE`); an exchange is not.
const PATIENCE: u64 = 10;
/// Seconds for which a stored token is used without asking: five minutes less half a minute.
const FRESH: u64 = 270;
/// For so long a tab may be on its way with a page from before another tab's exchange.
const RECENT: u64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ToServer,
    ToBrowser(Head, Body),
    Over,
}

/// A request, which has the cookies of when it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    tab: usize,
    page: Mode,
    pub act: Act,
    /// Whether it says of which sign-in its proof should be.
    pub has_sid: bool,
    pub jar: Jar,
    pub names: Names,
    stage: Stage,
    is_heard: bool,
    /// Whether the page asks for an exchange where there is nothing to renew.
    may_exchange: bool,
    age: u64,
}

#[derive(Clone, Debug)]
pub struct Browser {
    pub pages: Vec<Mode>,
    seen_marks: Vec<Option<usize>>,
    pub jar: Jar,
    pub entry: Entry,
    pub names: Names,
    named: usize,
    marks: usize,
    pub calls: Vec<Call>,
}

impl Browser {
    pub fn new(tabs: usize, page: Mode, jar: Jar, entry: Entry) -> Self {
        Self {
            pages: vec![page; tabs],
            seen_marks: vec![None; tabs],
            jar,
            entry,
            names: Names::default(),
            named: 0,
            marks: 0,
            calls: Vec::new(),
        }
    }

    pub fn is_fresh(&self) -> bool {
        matches!(self.entry, Entry::Token(age) if age < FRESH)
    }

    pub fn is_waiting(&self, tab: usize) -> bool {
        self.calls.iter().any(|it| it.tab == tab && it.is_heard)
    }

    pub fn can(&self, event: Event) -> bool {
        let call = |index: usize| self.calls.get(index);
        let comes = |index: usize| {
            call(index).is_some_and(|it| it.is_heard && matches!(it.stage, Stage::ToBrowser(..)))
        };
        let is_open = |tab: usize, page: Mode| self.pages.get(tab) == Some(&page);
        match event {
            Event::Load(tab) => tab < self.pages.len(),
            Event::Send(tab) => {
                is_open(tab, Mode::Jwt)
                    && self.entry != Entry::Nothing
                    && !self.is_fresh()
                    && !self.is_waiting(tab)
            }
            Event::Look(tab) | Event::LookInVain(tab) => {
                is_open(tab, Mode::Jwt) && self.is_fresh() && self.jar.session.is_some()
            }
            Event::Deliver(index) => call(index).is_some_and(|it| it.stage == Stage::ToServer),
            Event::Arrive(index) => comes(index),
            Event::ArriveHead(index) => {
                comes(index) && self.calls.iter().filter(|it| it.is_heard).count() == 1
            }
            Event::Lose(index) => call(index).is_some_and(|it| it.is_heard),
            _ => true,
        }
    }

    /// Events worth trying: tabs are alike until they are used.
    pub fn possible(&self, last_used: usize) -> Vec<Event> {
        let tabs = 0..self.pages.len().min(last_used + 1);
        let tabs = tabs.flat_map(|tab| {
            [Event::Load, Event::Send, Event::Look, Event::LookInVain].map(|make| make(tab))
        });
        let calls = (0..self.calls.len()).flat_map(|index| {
            [
                Event::Deliver,
                Event::Arrive,
                Event::ArriveHead,
                Event::Lose,
            ]
            .map(|make| make(index))
        });
        tabs.chain(calls).filter(|it| self.can(*it)).collect()
    }

    /// A page of `mode`, for whoever the server takes the session to be. Sends what the page sends first.
    pub fn load(&mut self, tab: usize, mode: Mode, is_somebody: bool) {
        self.abandon(tab);
        self.pages[tab] = mode;
        if mode == Mode::Jwt {
            let (has_session, is_fresh) = (self.jar.session.is_some(), self.is_fresh());
            let has_token = matches!(self.entry, Entry::Token(_));
            if has_session && !has_token {
                self.send(tab, Act::Exchange, false);
            } else if self.entry != Entry::Nothing && !is_fresh {
                self.send(tab, Act::Renew, false);
                self.calls.last_mut().unwrap().may_exchange = has_session;
            }
            return;
        }
        match (self.entry, is_somebody) {
            (Entry::Nothing, _) => {}
            (Entry::Token(_), somebody) => self.send(tab, Act::Exchange, !somebody),
            (Entry::Mark(mark, age), false)
                if age < RECENT && self.seen_marks[tab] != Some(mark) =>
            {
                // Loaded once more; it is the same again, and then this.
                self.seen_marks[tab] = Some(mark);
                self.forget();
            }
            (Entry::Mark(_, age), true) if age < RECENT => {}
            (Entry::Mark(..), _) => self.forget(),
        }
    }

    /// The tab hears no answer any more; its request goes on.
    fn abandon(&mut self, tab: usize) {
        for call in self.calls.iter_mut().filter(|it| it.tab == tab) {
            call.is_heard = false;
        }
    }

    pub fn send(&mut self, tab: usize, act: Act, has_sid: bool) {
        if self.names.name.is_none() {
            self.names.name = Some(self.new_name());
        }
        self.calls.push(Call {
            tab,
            page: self.pages[tab],
            act,
            has_sid,
            jar: self.jar,
            names: self.names,
            stage: Stage::ToServer,
            is_heard: true,
            may_exchange: false,
            age: 0,
        });
    }

    pub fn answer(&mut self, index: usize, head: Head, body: Body) {
        let call = &mut self.calls[index];
        call.stage = if call.is_heard {
            Stage::ToBrowser(head, body)
        } else {
            Stage::Over
        };
    }

    /// Says whether its page is loaded afresh now.
    pub fn arrive(&mut self, index: usize, is_whole: bool) -> bool {
        let call = self.calls[index];
        self.end(index);
        let Stage::ToBrowser(head, body) = call.stage else {
            return false;
        };
        let keep = |removes: bool, it: Option<Proof>| it.filter(|_| !removes);
        let jar = self.jar;
        self.jar = Jar {
            session: head
                .sets_session
                .or(keep(head.removes_session, jar.session)),
            refresh: head
                .sets_refresh
                .or(keep(head.removes_refresh, jar.refresh)),
        };
        is_whole && self.read(call, body)
    }

    fn read(&mut self, call: Call, body: Body) -> bool {
        match (call.page, body) {
            (Mode::Jwt, Body::Token) => {
                self.entry = Entry::Token(0);
                if self.names.name == call.names.name {
                    self.names = Names::default();
                }
            }
            (Mode::CookieSession, Body::Token | Body::Empty) => {
                self.marks += 1;
                self.keep(Entry::Mark(self.marks, 0));
                return call.has_sid;
            }
            // Who is somebody already asks only to be rid of what is left.
            (Mode::CookieSession, _) if !call.has_sid => {}
            (_, Body::Overtaken) => self.rename(call.names.name),
            // The page of token mode that asked for an exchange looks whether another tab was quicker.
            (Mode::Jwt, Body::SignedOut) if call.act == Act::Exchange => {
                if self.entry != Entry::Nothing && !self.is_fresh() {
                    self.send(call.tab, Act::Renew, false);
                }
            }
            (Mode::Jwt, Body::SignedOut) if call.may_exchange => {
                self.send(call.tab, Act::Exchange, false);
            }
            (_, Body::SignedOut) => self.forget(),
            (Mode::Jwt, Body::Empty) | (_, Body::OldPage) => {}
        }
        false
    }

    fn keep(&mut self, entry: Entry) {
        self.entry = entry;
        self.names = Names::default();
    }

    fn forget(&mut self) {
        self.keep(Entry::Nothing);
    }

    fn rename(&mut self, from: Option<usize>) {
        if from.is_some() && from == self.names.name {
            self.names = Names {
                name: Some(self.new_name()),
                earlier: from,
            };
        }
    }

    fn new_name(&mut self) -> usize {
        self.named += 1;
        self.named
    }

    /// Nothing of it goes on.
    pub fn end(&mut self, index: usize) {
        self.calls[index].stage = Stage::Over;
        self.calls[index].is_heard = false;
    }

    /// Answers that are on their way arrive before the server is replaced, or never.
    pub fn flip(&mut self) {
        for call in &mut self.calls {
            if matches!(call.stage, Stage::ToBrowser(..)) {
                (call.stage, call.is_heard) = (Stage::Over, false);
            }
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        if let Entry::Token(age) | Entry::Mark(_, age) = &mut self.entry {
            *age += seconds;
        }
        for call in &mut self.calls {
            call.age += seconds;
            call.is_heard &= call.act == Act::Exchange || call.age <= PATIENCE;
        }
    }
}
