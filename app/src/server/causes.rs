//! What a failure says, and what each failure behind it says: for the log.

use std::error::Error;
use std::iter::successors;

/// The texts of `error` and of its causes, the outermost first.
pub fn causes(error: &dyn Error) -> Vec<String> {
    let all = successors(Some(error), |&error| error.source());
    all.map(ToString::to_string).collect()
}
