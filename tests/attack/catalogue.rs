//! The attacks there are. Each is a line of a table: what it is called, what it is about, what should stop it, and the
//! function that carries it out.

use std::pin::Pin;
use std::sync::Arc;

use app::auth::mode::Mode;

use crate::lab::Lab;
use crate::outcome::Verdict;

/// When an attack is carried out: floods use up what all others need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// From the beginning on, beside the others: it waits for something.
    Alongside,
    InTurn,
    Last,
}

pub type Run = fn(Arc<Lab>) -> Pin<Box<dyn Future<Output = Verdict> + Send>>;

pub struct Attack {
    pub name: &'static str,
    /// Of the checklist, e.g. `SF-01`.
    pub ids: &'static str,
    pub stopped_by: &'static str,
    pub when: When,
    /// The one mode in which it makes sense, and why not in the other.
    pub only: Option<(Mode, &'static str)>,
    pub run: Run,
}

impl Attack {
    pub const fn new(
        name: &'static str,
        ids: &'static str,
        stopped_by: &'static str,
        run: Run,
    ) -> Self {
        Self {
            name,
            ids,
            stopped_by,
            when: When::InTurn,
            only: None,
            run,
        }
    }

    pub const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    pub const fn only_in(mut self, mode: Mode, why: &'static str) -> Self {
        self.only = Some((mode, why));
        self
    }
}

/// What the attacks of one file are about.
pub struct Group {
    pub title: &'static str,
    pub attacks: &'static [Attack],
}

/// In the order in which they are carried out.
pub const ALL: &[Group] = &[
    crate::cross_site::GROUP,
    crate::lookalikes::GROUP,
    crate::methods::GROUP,
    crate::session::GROUP,
    crate::thief::GROUP,
    crate::cookies::GROUP,
    crate::tokens::GROUP,
    crate::signed_tokens::GROUP,
    crate::token_texts::GROUP,
    crate::possession::GROUP,
    crate::renewal::GROUP,
    crate::links::GROUP,
    crate::heads::GROUP,
    crate::access::GROUP,
    crate::information::GROUP,
    crate::policies::GROUP,
    crate::files::GROUP,
    crate::enumeration::GROUP,
    crate::mails::GROUP,
    crate::sizes::GROUP,
    crate::sockets::GROUP,
    crate::guessing::GROUP,
    crate::limits::GROUP,
];
