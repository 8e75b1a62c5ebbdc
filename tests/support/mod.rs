//! What every story needs: the real server on a port of its own with a database of its own, and a browser that hides
//! which mode is running.

pub mod browser;
pub mod process;
pub mod server;
pub mod tokens;

pub use app::auth::MODE;
pub use app::auth::mode::Mode;
pub use browser::{Answer, Browser};
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

/// Whether this run is in `mode`; notes the story and its reason for the matrix if not.
pub fn runs_in(mode: Mode, reason: &str) -> bool {
    if MODE == mode {
        return true;
    }
    if let Some(file) = std::env::var_os("STORY_LOG") {
        use std::io::Write;
        let story = std::thread::current().name().unwrap_or("?").to_owned();
        let mode = match mode {
            Mode::CookieSession => "session",
            Mode::Jwt => "jwt",
        };
        let mut log = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(file)
            .expect("the story log can be written");
        // One write for one line: other stories write to the same file at the same time.
        let line = format!("{story}\t{mode}\t{reason}\n");
        log.write_all(line.as_bytes())
            .expect("the story log can be written");
    }
    false
}
