//! A server that can be visited: one of a story, or the one that `bin/attack` was pointed at.

use super::Browser;

pub trait Reachable {
    /// A new browser on its way there.
    fn browser(&self) -> Browser;

    /// Where the server says that it is.
    fn origin(&self) -> String;
}
