//! What every story needs: the real server on a port of its own with a database of its own, and a browser that hides
//! which mode is running.

pub mod alike;
pub mod askers;
pub mod browser;
pub mod confirming;
pub mod database;
pub mod devices;
pub mod dice;
pub mod elsewhere;
pub mod flip;
pub mod keyholder;
pub mod mailbox;
pub mod network;
pub mod process;
pub mod program;
pub mod ranges;
pub mod ranks;
pub mod reachable;
pub mod reset;
pub mod server;
pub mod tokens;
pub mod trail;
pub mod watched;

pub use app::auth::MODE;
pub use app::auth::mode::Mode;
pub use browser::{Answer, Browser};
pub use database::Database;
pub use server::TestServer;

pub const PASSWORD: &str = "correct horse battery staple";
pub const EMAIL: &str = "ada@example.com";

/// The first line of a story that makes sense in one mode only; says why in the parity matrix.
#[macro_export]
macro_rules! only_in {
    ($mode:expr, $reason:expr) => {
        if !$crate::support::runs_in($mode, $reason) {
            return;
        }
    };
}

/// The first line of a story that is about one kind of database; says why.
#[macro_export]
macro_rules! only_on {
    ($database:expr, $reason:expr) => {
        if !$crate::support::runs_on($database, $reason) {
            return;
        }
    };
}

/// Whether this run is in `mode`; notes the story and its reason for the matrix if not.
pub fn runs_in(mode: Mode, reason: &str) -> bool {
    if MODE != mode {
        let mode = match mode {
            Mode::CookieSession => "session",
            Mode::Jwt => "jwt",
        };
        note_skipped(mode, reason);
    }
    MODE == mode
}

/// Whether this run is on `database`; notes the story and its reason if not.
pub fn runs_on(database: Database, reason: &str) -> bool {
    let runs = Database::of_this_run() == database;
    if !runs {
        let name = match database {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        };
        note_skipped(name, reason);
    }
    runs
}

fn note_skipped(needs: &str, reason: &str) {
    use std::io::Write;
    let Some(file) = std::env::var_os("STORY_LOG") else {
        return;
    };
    let story = std::thread::current().name().unwrap_or("?").to_owned();
    let mut log = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .expect("the story log can be written");
    // One write for one line: other stories write to the same file at the same time.
    let line = format!("{story}\t{needs}\t{reason}\n");
    log.write_all(line.as_bytes())
        .expect("the story log can be written");
}
