//! What can happen next, and a schedule as text: what a failure prints is what a run takes back.

use std::fmt;
use std::str::FromStr;

/// One step of a schedule. Exchanges are numbered in the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A tab finds the stored token stale and asks for a new one.
    Send(usize),
    /// The server answers a request, which its sender may have given up long ago.
    Deliver(usize),
    /// The answer reaches the tab: first the cookie jar, then storage.
    Arrive(usize),
    /// The answer's head reaches the cookie jar; the tab dies before it stores the token.
    ArriveHead(usize),
    /// The request or its answer is lost, and the tab notices.
    Lose(usize),
    /// The tab is closed or loaded afresh; its request goes on alone.
    Reload(usize),
    /// The other server process takes over, with nothing but the database.
    Restart,
    /// Seconds pass.
    Wait(u64),
    /// The machine sleeps for so many seconds.
    Sleep(u64),
    /// A thief copies the cookie.
    Copy,
    /// A thief copies the cookie and storage, with what the browser calls its attempt.
    CopyStorage,
    /// The thief shows what it has, and keeps what it gets.
    Replay,
    /// The same with a key of its own, to which the server binds what it may.
    ReplayBound,
    /// The server is built for the other mode; another process goes on.
    Flip,
    /// A tab is loaded afresh, as a page of the mode of now.
    Load(usize),
    /// A tab asks who is looking, with a token that is fresh.
    Look(usize),
    /// The same, and the answer is lost.
    LookInVain(usize),
    /// The thief exchanges what it has for a proof of the mode of now.
    Swap,
    /// The thief loads a page with the session it has.
    Spy,
}

/// What a run begins with: the first model, or a sign-in whose proof is of the mode before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    #[default]
    Renewals,
    Tokens,
    Sessions,
}

impl Start {
    const ALL: [(Self, &str); 3] = [
        (Self::Renewals, "skew "),
        (Self::Tokens, "tokens, skew "),
        (Self::Sessions, "sessions, skew "),
    ];
}

/// The events of one run, and the world they happen in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    pub start: Start,
    /// How far the second server's clock is ahead, in seconds (MI-04).
    pub skew: i64,
    pub events: Vec<Event>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(tab) => write!(f, "send {tab}"),
            Self::Deliver(exchange) => write!(f, "deliver {exchange}"),
            Self::Arrive(exchange) => write!(f, "arrive {exchange}"),
            Self::ArriveHead(exchange) => write!(f, "arrive-head {exchange}"),
            Self::Lose(exchange) => write!(f, "lose {exchange}"),
            Self::Reload(tab) => write!(f, "reload {tab}"),
            Self::Restart => f.write_str("restart"),
            Self::Wait(seconds) => write!(f, "wait {seconds}"),
            Self::Sleep(seconds) => write!(f, "sleep {seconds}"),
            Self::Copy => f.write_str("copy"),
            Self::CopyStorage => f.write_str("copy-storage"),
            Self::Replay => f.write_str("replay"),
            Self::ReplayBound => f.write_str("replay-bound"),
            Self::Flip => f.write_str("flip"),
            Self::Load(tab) => write!(f, "load {tab}"),
            Self::Look(tab) => write!(f, "look {tab}"),
            Self::LookInVain(tab) => write!(f, "look-in-vain {tab}"),
            Self::Swap => f.write_str("swap"),
            Self::Spy => f.write_str("spy"),
        }
    }
}

impl FromStr for Event {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, number) = text.split_once(' ').unwrap_or((text, "0"));
        let number: usize = number.parse().map_err(|_| format!("no number: {text}"))?;
        Ok(match word {
            "send" => Self::Send(number),
            "deliver" => Self::Deliver(number),
            "arrive" => Self::Arrive(number),
            "arrive-head" => Self::ArriveHead(number),
            "lose" => Self::Lose(number),
            "reload" => Self::Reload(number),
            "restart" => Self::Restart,
            "wait" => Self::Wait(number as u64),
            "sleep" => Self::Sleep(number as u64),
            "copy" => Self::Copy,
            "copy-storage" => Self::CopyStorage,
            "replay" => Self::Replay,
            "replay-bound" => Self::ReplayBound,
            "flip" => Self::Flip,
            "load" => Self::Load(number),
            "look" => Self::Look(number),
            "look-in-vain" => Self::LookInVain(number),
            "swap" => Self::Swap,
            "spy" => Self::Spy,
            _ => return Err(format!("no event: {text}")),
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut starts = Start::ALL.iter().filter(|(start, _)| *start == self.start);
        starts.try_for_each(|(_, text)| f.write_str(text))?;
        write!(f, "{}", self.skew)?;
        self.events
            .iter()
            .try_for_each(|event| write!(f, ", {event}"))
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let start = |(start, prefix): &(Start, &str)| Some((*start, text.strip_prefix(prefix)?));
        let (start, rest) = Start::ALL.iter().find_map(start).unwrap_or_default();
        let mut parts = rest.split(',').map(str::trim);
        let skew = parts.next().and_then(|number| number.parse().ok());
        Ok(Self {
            start,
            skew: skew.ok_or("it begins with: skew 0")?,
            events: parts.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}
