//! The client's own names for what it is trying. Whoever shows a spent proof by the name that spent it lost the answer, or was
//! overtaken; everybody else may have a copy.

use crate::server::secret::Hashed;

/// What a client calls its attempt. Nobody else knows the names.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    pub name: Option<Hashed>,
    /// The name before it, from which the server turned the client away as overtaken. Its answer may be lost all the same.
    pub earlier: Option<Hashed>,
}

/// Whose attempt spent a proof, as seen by somebody who shows it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpentBy {
    ThisAttempt,
    AnEarlierOne,
    SomebodyElse,
}

impl Attempt {
    /// Whether it spent the proof that was spent by the name `spent`. Whoever names no attempt is nobody's retry.
    pub(super) fn compare(&self, spent: Option<&str>) -> SpentBy {
        let is = |name: &Option<Hashed>| {
            name.as_ref()
                .is_some_and(|name| Some(name.as_str()) == spent)
        };
        if is(&self.name) {
            SpentBy::ThisAttempt
        } else if is(&self.earlier) {
            SpentBy::AnEarlierOne
        } else {
            SpentBy::SomebodyElse
        }
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> Option<&str> {
        self.name.as_ref().map(Hashed::as_str)
    }
}
