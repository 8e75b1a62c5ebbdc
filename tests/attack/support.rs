//! What the stories' support has of use here. It stops where it cannot go on, which the lab takes for an attack that could
//! not be carried out.

#[path = "../support/alike.rs"]
pub mod alike;
#[path = "../support/browser.rs"]
#[expect(dead_code, reason = "the stories use the rest")]
pub mod browser;
#[path = "../support/elsewhere.rs"]
pub mod elsewhere;
#[path = "../support/keyholder.rs"]
#[expect(dead_code, reason = "the stories use the rest")]
pub mod keyholder;
#[path = "../support/program.rs"]
#[expect(dead_code, reason = "the stories use the rest")]
pub mod program;
#[path = "../support/ranks.rs"]
pub mod ranks;
#[path = "../support/reachable.rs"]
pub mod reachable;

pub use browser::{Answer, Browser};

/// Of every account that the lab makes.
pub const PASSWORD: &str = "correct horse battery staple";
/// Nobody here: each account of the lab has an address of its own.
pub const EMAIL: &str = "nobody@example.com";
