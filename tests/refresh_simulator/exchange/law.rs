//! What the server must answer to a proof that is shown, said a second time and from the outside: who was given what, when,
//! and by which attempt.

use std::collections::HashMap;

use super::super::browser::Names;
use super::super::run::GRACE;

/// A session or a refresh token: how many proofs there were before it.
pub type Proof = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Renew,
    Exchange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Given(Proof),
    Superseded,
    Late,
    Overtaken,
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// This proof is spent now.
    First(Proof),
    Again(Proof),
    Superseded,
    Late,
    Overtaken,
    Copy,
}

struct Spent {
    at: i64,
    attempt: Option<usize>,
    successor: Proof,
    act: Act,
    superseded_at: Option<i64>,
}

#[derive(Default)]
pub struct Ledger {
    spent: HashMap<Proof, Spent>,
    sessions: Vec<Proof>,
    pub has_ended: bool,
}

impl Ledger {
    pub fn add_session(&mut self, session: Proof) {
        if !self.sessions.contains(&session) {
            self.sessions.push(session);
        }
    }

    pub fn is_session(&self, proof: Proof) -> bool {
        self.sessions.contains(&proof)
    }

    pub fn is_live(&self, proof: Proof) -> bool {
        !self.has_ended && !self.spent.contains_key(&proof)
    }

    /// What a proof became, in the end.
    pub fn live_after(&self, proof: Proof) -> Proof {
        let next = self.spent.get(&proof).map(|spent| spent.successor);
        next.map_or(proof, |next| self.live_after(next))
    }

    /// Whether an exchange gave this proof.
    pub fn came_by_exchange(&self, proof: Proof) -> bool {
        let mut spent = self.spent.values();
        spent.any(|spent| spent.act == Act::Exchange && spent.successor == proof)
    }

    /// Holds an answer against the law, and remembers it.
    pub fn judge(
        &mut self,
        shown: Proof,
        act: Act,
        names: Names,
        now: i64,
        answer: Answer,
    ) -> Result<(), &'static str> {
        if self.has_ended {
            return match answer {
                Answer::Ended => Ok(()),
                _ => Err("an ended sign-in gives an answer"),
            };
        }
        self.has_ended = answer == Answer::Ended;
        match (self.verdict(shown, act, names, now), answer) {
            (Verdict::First(spent), Answer::Given(successor)) => {
                self.spend(spent, act, names, now, successor);
                Ok(())
            }
            (Verdict::Again(it), Answer::Given(successor)) if it == successor => Ok(()),
            (Verdict::Again(_), Answer::Given(_)) => Err("a second successor"),
            (Verdict::Superseded, Answer::Superseded)
            | (Verdict::Late, Answer::Late)
            | (Verdict::Overtaken, Answer::Overtaken)
            | (Verdict::Copy, Answer::Ended) => Ok(()),
            (Verdict::First(_), _) => Err("a live proof is refused"),
            (Verdict::Copy, Answer::Given(_)) => Err("a copy is given something"),
            (Verdict::Copy, _) => Err("a copy is not found out"),
            (_, Answer::Ended) => Err("a retry ends the sign-in"),
            (_, Answer::Given(_)) => Err("a spent proof is given something"),
            _ => Err("another refusal than the law's"),
        }
    }

    fn verdict(&self, shown: Proof, act: Act, names: Names, now: i64) -> Verdict {
        let Some(spent) = self.spent.get(&shown) else {
            return Verdict::First(shown);
        };
        let is_own = spent.is_by(names.name) || spent.is_by(names.earlier);
        let is_late = now - spent.at > GRACE;
        let stranger = if is_late {
            Verdict::Copy
        } else {
            Verdict::Late
        };
        let next = self.spent.get(&spent.successor);
        if self.is_session(shown) {
            return match spent.superseded_at {
                None => Verdict::Again(spent.successor),
                Some(at) if now - at > GRACE && !is_own => Verdict::Copy,
                Some(_) => Verdict::Superseded,
            };
        }
        match (act, spent.act) {
            (Act::Renew, Act::Renew)
                if is_own && next.is_some_and(|it| it.is_exchanged_by(names)) =>
            {
                Verdict::Late
            }
            (Act::Renew, Act::Renew) => spent.renewed(next.is_some(), names, is_late),
            (Act::Renew, Act::Exchange) if is_own => Verdict::Late,
            (_, Act::Exchange) if is_own => spent.exchanged(),
            (Act::Exchange, Act::Renew) if is_own && is_late => match next {
                None => Verdict::First(spent.successor),
                Some(next) => next.after_renewal(spent.is_by(names.name), names, now),
            },
            _ => stranger,
        }
    }

    fn spend(&mut self, proof: Proof, act: Act, names: Names, now: i64, successor: Proof) {
        let spent = Spent {
            at: now,
            attempt: names.name,
            successor,
            act,
            superseded_at: None,
        };
        // What is shown is in use, and so what it came from is done with.
        self.supersede(!self.is_session(proof), now);
        self.spent.insert(proof, spent);
    }

    /// Somebody uses the session, or the token: what was exchanged for it is done with.
    pub fn supersede(&mut self, sessions: bool, now: i64) {
        let all = &self.sessions;
        for (proof, spent) in &mut self.spent {
            if spent.act == Act::Exchange && all.contains(proof) == sessions {
                spent.superseded_at.get_or_insert(now);
            }
        }
    }
}

impl Spent {
    fn is_by(&self, name: Option<usize>) -> bool {
        name.is_some() && name == self.attempt
    }

    fn renewed(&self, is_used: bool, names: Names, is_late: bool) -> Verdict {
        let (is_this, is_earlier) = (self.is_by(names.name), self.is_by(names.earlier));
        match is_used {
            true if is_this => Verdict::Overtaken,
            false if is_this || is_earlier || !is_late => Verdict::Again(self.successor),
            _ => Verdict::Copy,
        }
    }

    fn exchanged(&self) -> Verdict {
        match self.superseded_at {
            None => Verdict::Again(self.successor),
            Some(_) => Verdict::Overtaken,
        }
    }

    fn is_exchanged_by(&self, names: Names) -> bool {
        self.act == Act::Exchange && (self.is_by(names.name) || self.is_by(names.earlier))
    }

    /// Of a token that came by a renewal which is shown once more to be exchanged.
    fn after_renewal(&self, is_this: bool, names: Names, now: i64) -> Verdict {
        let is_own = self.is_by(names.name) || self.is_by(names.earlier);
        match self.act {
            Act::Renew if is_this => Verdict::Overtaken,
            Act::Renew => Verdict::Copy,
            Act::Exchange if is_own => self.exchanged(),
            Act::Exchange if now - self.at > GRACE => Verdict::Copy,
            Act::Exchange => Verdict::Late,
        }
    }
}
