//! What the server may answer when a token is shown that was spent.

use super::browser::{Answer, Names, Token};
use super::run::GRACE;

/// When a token was first spent, by which attempt, and what came of it.
pub struct Spent {
    pub at: i64,
    pub attempt: Option<usize>,
    pub successor: Token,
}

/// How it is shown again.
pub struct Again {
    pub at: i64,
    pub names: Names,
    /// Whether the successor was spent as well.
    pub is_used: bool,
    /// Whether the successor is bound to a key that whoever shows it has not.
    pub is_foreign: bool,
}

impl Spent {
    /// The law that the answer breaks.
    pub fn broken_by(&self, again: &Again, answer: Answer) -> Option<&'static str> {
        let by = |name: Option<usize>| name.is_some() && name == self.attempt;
        let (is_this, is_earlier) = (by(again.names.name), by(again.names.earlier));
        let is_used = again.is_used;
        let is_late = !is_earlier && again.at - self.at > GRACE;
        let is_copy = again.is_foreign || (!is_this && (is_used || is_late));
        match answer {
            Answer::Renewed(it) if it != self.successor => Some("a second successor"),
            Answer::Renewed(_) if is_used => Some("a grandparent is renewed"),
            Answer::Renewed(_) if is_copy => Some("a copy is renewed"),
            Answer::Overtaken if !(is_this && is_used) => Some("a copy is merely overtaken"),
            Answer::Ended if !is_copy => Some("a retry ends the sign-in"),
            _ => None,
        }
    }
}
