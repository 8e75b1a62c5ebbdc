//! What the browser keeps, and what an answer does to it.

use super::law::Proof;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jar {
    pub session: Option<Proof>,
    pub refresh: Option<Proof>,
}

/// The entry of the access token, with its age in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Nothing,
    Token(u64),
    /// An exchange, by its number.
    Mark(usize, u64),
}

/// What an answer does to the jar, before its body is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub sets_session: Option<Proof>,
    pub sets_refresh: Option<Proof>,
    pub removes_session: bool,
    pub removes_refresh: bool,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Token,
    /// A grant of cookie mode, with nothing in it.
    Empty,
    SignedOut,
    Overtaken,
    /// Nothing is known.
    OldPage,
}
