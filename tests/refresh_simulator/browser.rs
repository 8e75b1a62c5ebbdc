//! The honest browser: one cookie jar and one storage for all tabs, and what is on its way. Follows `auth/jwt.rs`, but
//! without its lock, because the theorem must not rest on it.

use super::event::Event;

/// Seconds after which a tab gives its request up, and the browser drops the answer (`ANSWER_PATIENCE`).
const PATIENCE: u64 = 10;
/// Seconds for which a stored token is used without asking: five minutes less half a minute.
const FRESH: u64 = 270;

/// A refresh token: how many there were before it.
pub type Token = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Renewed(Token),
    Overtaken,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ToServer,
    ToBrowser(Answer),
    Over,
}

/// What a browser calls its attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub name: Option<usize>,
    pub earlier: Option<usize>,
}

/// Whether attempts have names, and what happens to the name of one that was overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    None,
    Kept,
    GivenAnew,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    tab: usize,
    pub presented: Token,
    pub names: Names,
    stage: Stage,
    /// Whether a tab still waits for it.
    is_heard: bool,
    awake_for: u64,
    has_slept: bool,
}

#[derive(Clone, Debug)]
pub struct Browser {
    tabs: usize,
    naming: Naming,
    jar: Option<Token>,
    /// How old the stored access token is, in seconds.
    token_age: u64,
    /// In storage, until an attempt succeeds.
    names: Names,
    named: usize,
    pub exchanges: Vec<Exchange>,
}

impl Browser {
    /// Signed in with the first token, whose access token is stale by now.
    pub fn new(tabs: usize, naming: Naming) -> Self {
        Self {
            tabs,
            naming,
            jar: Some(0),
            token_age: FRESH,
            names: Names::default(),
            named: 0,
            exchanges: Vec::new(),
        }
    }

    /// What the cookie jar holds; nothing after a refusal.
    pub fn jar(&self) -> Option<Token> {
        self.jar
    }

    pub fn names(&self) -> Names {
        self.names
    }

    /// Whether it has a new access token, or is signed out.
    pub fn is_settled(&self) -> bool {
        self.jar.is_none() || self.token_age == 0
    }

    /// Whether a request has still to arrive at the server.
    pub fn has_request(&self) -> bool {
        self.exchanges.iter().any(|it| it.stage == Stage::ToServer)
    }

    pub fn can(&self, event: Event) -> bool {
        let exchange = |index: usize| self.exchanges.get(index);
        let answered = |index: usize| {
            exchange(index).is_some_and(|it| it.is_heard && matches!(it.stage, Stage::ToBrowser(_)))
        };
        match event {
            Event::Send(tab) => {
                tab < self.tabs
                    && self.jar.is_some()
                    && self.token_age >= FRESH
                    && self.waiting(tab).is_none()
            }
            Event::Deliver(index) => exchange(index).is_some_and(|it| it.stage == Stage::ToServer),
            Event::Arrive(index) => answered(index),
            Event::ArriveHead(index) => answered(index) && self.heard().count() == 1,
            Event::Lose(index) => {
                exchange(index).is_some_and(|it| it.is_heard && it.stage != Stage::Over)
            }
            Event::Reload(tab) => self.waiting(tab).is_some(),
            _ => true,
        }
    }

    /// Events of this browser that are worth trying: tabs are alike, so a new one is the next one.
    pub fn possible(&self) -> Vec<Event> {
        let used = self.exchanges.iter().map(|it| it.tab + 1).max();
        let tabs = 0..self.tabs.min(used.unwrap_or(0) + 1);
        let tabs = tabs.flat_map(|tab| [Event::Send(tab), Event::Reload(tab)]);
        let exchanges = (0..self.exchanges.len()).flat_map(|index| {
            [
                Event::Deliver,
                Event::Arrive,
                Event::ArriveHead,
                Event::Lose,
            ]
            .map(|make| make(index))
        });
        tabs.chain(exchanges).filter(|it| self.can(*it)).collect()
    }

    pub fn send(&mut self, tab: usize) {
        for exchange in self.exchanges.iter_mut().filter(|it| it.has_slept) {
            exchange.is_heard = false;
        }
        if self.naming != Naming::None && self.names.name.is_none() {
            self.names.name = Some(self.new_name());
        }
        self.exchanges.push(Exchange {
            tab,
            presented: self.jar.expect("only who is signed in sends"),
            names: self.names,
            stage: Stage::ToServer,
            is_heard: true,
            awake_for: 0,
            has_slept: false,
        });
    }

    pub fn answer(&mut self, index: usize, answer: Answer) {
        let exchange = &mut self.exchanges[index];
        exchange.stage = if exchange.is_heard {
            Stage::ToBrowser(answer)
        } else {
            Stage::Over
        };
    }

    pub fn arrive(&mut self, index: usize, is_whole: bool) {
        let (answer, names) = (self.exchanges[index].stage, self.exchanges[index].names);
        self.end(index);
        match answer {
            Stage::ToBrowser(Answer::Renewed(token)) => {
                self.jar = Some(token);
                if is_whole {
                    self.token_age = 0;
                    if self.names.name == names.name {
                        self.names = Names::default();
                    }
                }
            }
            Stage::ToBrowser(Answer::Overtaken) => self.rename(names.name),
            Stage::ToBrowser(Answer::Ended) => self.jar = None,
            _ => {}
        }
    }

    fn rename(&mut self, from: Option<usize>) {
        if self.naming == Naming::GivenAnew && from.is_some() && from == self.names.name {
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
        self.exchanges[index].stage = Stage::Over;
        self.exchanges[index].is_heard = false;
    }

    /// The tab hears no answer any more; the request goes on.
    pub fn reload(&mut self, tab: usize) {
        if let Some(index) = self.waiting(tab) {
            self.exchanges[index].is_heard = false;
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        self.token_age += seconds;
        for exchange in &mut self.exchanges {
            exchange.awake_for += seconds;
            exchange.is_heard &= exchange.awake_for <= PATIENCE;
        }
    }

    pub fn sleep(&mut self, seconds: u64) {
        self.token_age += seconds;
        for exchange in &mut self.exchanges {
            exchange.has_slept = true;
        }
    }

    fn waiting(&self, tab: usize) -> Option<usize> {
        self.exchanges
            .iter()
            .position(|it| it.tab == tab && it.is_heard)
    }

    fn heard(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(|it| it.is_heard)
    }
}
