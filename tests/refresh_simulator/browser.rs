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
    Late,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ToServer,
    ToBrowser(Answer),
    Over,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    tab: usize,
    pub presented: Token,
    pub attempt: Option<usize>,
    stage: Stage,
    /// Whether a tab still waits for it.
    is_heard: bool,
    awake_for: u64,
    has_slept: bool,
}

#[derive(Clone, Debug)]
pub struct Browser {
    tabs: usize,
    /// Whether an attempt has a name, which lives in storage until the attempt succeeds.
    names_attempts: bool,
    jar: Option<Token>,
    /// How old the stored access token is, in seconds.
    token_age: u64,
    attempt: Option<usize>,
    attempts: usize,
    pub exchanges: Vec<Exchange>,
}

impl Browser {
    /// Signed in with the first token, whose access token is stale by now.
    pub fn new(tabs: usize, names_attempts: bool) -> Self {
        Self {
            tabs,
            names_attempts,
            jar: Some(0),
            token_age: FRESH,
            attempt: None,
            attempts: 0,
            exchanges: Vec::new(),
        }
    }

    /// What the cookie jar holds; nothing after a refusal.
    pub fn jar(&self) -> Option<Token> {
        self.jar
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
        if self.names_attempts && self.attempt.is_none() {
            self.attempt = Some(self.attempts);
            self.attempts += 1;
        }
        self.exchanges.push(Exchange {
            tab,
            presented: self.jar.expect("only who is signed in sends"),
            attempt: self.attempt,
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
        let answer = self.exchanges[index].stage;
        self.end(index);
        match answer {
            Stage::ToBrowser(Answer::Renewed(token)) => {
                self.jar = Some(token);
                if is_whole {
                    self.token_age = 0;
                    self.attempt = None;
                }
            }
            Stage::ToBrowser(Answer::Ended) => self.jar = None,
            _ => {}
        }
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
