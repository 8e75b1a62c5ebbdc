//! The keys of a server of the lab's own, which nobody outside has: for what a client could never get that server to sign.

use std::path::PathBuf;
use std::time::Duration;

use app::domain::sign_in::Moment;
use app::server::clock::Clock;
use app::server::keys::directory::KeyDirectory;
use app::server::keys::set::KeySet;
use app::server::proofs::Proofs;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use tempfile::TempDir;

use crate::forge::Forger;
use crate::outcome::Inconclusive;

pub struct OwnKeys {
    set: KeySet,
    signing: SigningKey,
}

impl OwnKeys {
    /// Those that the server there has made.
    pub fn in_directory(path: PathBuf) -> Result<Self, Inconclusive> {
        let unreadable = |error: &dyn std::fmt::Display| {
            Inconclusive(format!("the server's keys cannot be read: {error}"))
        };
        let directory = KeyDirectory {
            path,
            earlier: None,
        };
        let set = directory.read_or_create(None, Clock::default().now());
        let set = set.map_err(|error| unreadable(&error))?;
        let pem = std::fs::read_to_string(&set.newest().path)?;
        let signing = SigningKey::from_pkcs8_pem(&pem).map_err(|error| unreadable(&error))?;
        Ok(Self { set, signing })
    }

    /// For a server that never looks.
    pub fn of_nobody() -> Result<Self, Inconclusive> {
        let directory = TempDir::new()?;
        Self::in_directory(directory.path().join("keys"))
    }

    /// Takes a true token apart, and puts it together again as the server would.
    pub fn forger(&self, token: &str) -> Forger {
        Forger::holding(token, self.signing.clone())
    }

    /// The nonce that a server with these keys gives at this moment, if it has been up for a while.
    pub fn nonce_at(&self, moment: Moment) -> String {
        const A_WHILE: Duration = Duration::from_secs(60);
        let clock = Clock::stopped_at(moment.before(A_WHILE));
        let proofs = Proofs::new(clock.clone());
        clock.advance(A_WHILE);
        proofs.nonce(&self.set)
    }
}
