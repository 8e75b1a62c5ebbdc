//! What came of an attack. A stop counts only by the means that was expected: a 429 is no answer to a forged token.

use std::fmt::Display;

use crate::support::Answer;

/// What came of an attack that could be carried out, or was left out on purpose.
#[derive(Debug)]
pub enum Outcome {
    Stopped {
        by: String,
        evidence: String,
    },
    Succeeded {
        evidence: String,
    },
    /// Declared: it makes no sense here, for this reason.
    NotTried {
        why: String,
    },
}

/// It could not be carried out, or was refused in a way that shows nothing.
#[derive(Debug)]
pub struct Inconclusive(pub String);

pub type Verdict = Result<Outcome, Inconclusive>;

impl From<reqwest::Error> for Inconclusive {
    fn from(error: reqwest::Error) -> Self {
        Self(format!("no answer: {error}"))
    }
}

impl From<std::io::Error> for Inconclusive {
    fn from(error: std::io::Error) -> Self {
        Self(format!("no connection: {error}"))
    }
}

/// The same act without the attack works; else a refusal would mean nothing.
pub fn control(works: bool, what: &str, evidence: impl Display) -> Result<(), Inconclusive> {
    if works {
        return Ok(());
    }
    let evidence = evidence.to_string();
    Err(Inconclusive(format!(
        "the control failed, {what}: {evidence}"
    )))
}

pub fn not_tried(why: &str) -> Outcome {
    Outcome::NotTried {
        why: why.to_owned(),
    }
}

/// How a refusal must look to count: one of these statuses, and this word in its headers or its body.
#[derive(Clone, Copy)]
pub struct Means {
    pub statuses: &'static [u16],
    pub word: &'static str,
}

impl Means {
    pub const fn of(statuses: &'static [u16], word: &'static str) -> Self {
        Self { statuses, word }
    }

    pub fn is_how(self, answer: &Answer) -> bool {
        let challenge = answer.header("www-authenticate");
        self.statuses.contains(&answer.status.as_u16())
            && (answer.body.contains(self.word) || challenge.contains(self.word))
    }
}

/// Many tries of one attack. One success is a success; without any, one that shows nothing leaves it open.
pub struct Trials {
    by: &'static str,
    stopped: usize,
    last: String,
    succeeded: Option<String>,
    odd: Option<String>,
}

impl Trials {
    /// `by` is what should stop them.
    pub fn stopped_by(by: &'static str) -> Self {
        Self {
            by,
            stopped: 0,
            last: String::new(),
            succeeded: None,
            odd: None,
        }
    }

    /// Whoever is not refused got what they wanted; whoever is refused otherwise shows nothing.
    pub fn judge(&mut self, what: impl Display, answer: &Answer, means: Means) {
        let evidence = format!("{what}: {}", brief(answer));
        if means.is_how(answer) {
            self.stopped(evidence);
        } else if answer.status.is_success() || answer.status.is_redirection() {
            self.succeeded(evidence);
        } else {
            self.odd(evidence);
        }
    }

    /// For what shows by itself whether it worked.
    pub fn note(&mut self, worked: bool, evidence: impl Display) {
        if worked {
            self.succeeded(evidence.to_string());
        } else {
            self.stopped(evidence.to_string());
        }
    }

    pub fn stopped(&mut self, evidence: String) {
        self.stopped += 1;
        self.last = evidence;
    }

    pub fn succeeded(&mut self, evidence: String) {
        self.succeeded.get_or_insert(evidence);
    }

    pub fn odd(&mut self, evidence: String) {
        self.odd.get_or_insert(evidence);
    }

    /// Then what comes after it shows nothing.
    pub fn has_success(&self) -> bool {
        self.succeeded.is_some()
    }

    pub fn verdict(self) -> Verdict {
        if let Some(evidence) = self.succeeded {
            return Ok(Outcome::Succeeded { evidence });
        }
        if let Some(odd) = self.odd {
            return Err(Inconclusive(format!("expected {}, but {odd}", self.by)));
        }
        if self.stopped == 0 {
            return Err(Inconclusive("nothing was tried".to_owned()));
        }
        let count = match self.stopped {
            1 => String::new(),
            count => format!("{count} tries, the last "),
        };
        Ok(Outcome::Stopped {
            by: self.by.to_owned(),
            evidence: format!("{count}{}", self.last),
        })
    }
}

/// The status and the first words of an answer, on one line.
pub fn brief(answer: &Answer) -> String {
    let location = answer.header("location");
    let text = if location.is_empty() {
        answer.body.as_str()
    } else {
        location
    };
    format!("{} {}", answer.status.as_u16(), short(text))
}

/// One line of at most eighty characters, in which nothing can move a terminal's cursor.
pub fn short(text: &str) -> String {
    let mut line: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        line.push('…');
    }
    line
}
