//! The variables about the keys of the tokens.

use std::path::{Path, PathBuf};

use app::server::keys::directory::KeyDirectory;
use jws::key_pair::Algorithm;

use super::parse::{ConfigError, Variables, invalid};

impl Variables {
    /// Production must say where the keys are: one that is made by chance is lost with the machine.
    pub(super) fn require_keys(&self) -> Result<(), ConfigError> {
        match self.text("TWOFOLD_SIGNING_KEY_FILE") {
            Some(_) => Ok(()),
            None => self.require(&["TWOFOLD_KEYS_DIR"]).map_err(|_| {
                ConfigError::Missing("TWOFOLD_KEYS_DIR (or TWOFOLD_SIGNING_KEY_FILE)")
            }),
        }
    }

    /// The directory, and the one key of an installation from before there was one.
    pub(super) fn keys(&self, data_dir: &Path) -> KeyDirectory {
        let earlier = match self.text("TWOFOLD_SIGNING_KEY_FILE") {
            Some(file) => Some(PathBuf::from(file)),
            None => Some(data_dir.join("signing-key.pem")).filter(|file| file.exists()),
        };
        KeyDirectory {
            path: self
                .text("TWOFOLD_KEYS_DIR")
                .map_or_else(|| data_dir.join("keys"), PathBuf::from),
            earlier,
        }
    }

    pub(super) fn keys_are_in_data_dir(&self) -> bool {
        ["TWOFOLD_KEYS_DIR", "TWOFOLD_SIGNING_KEY_FILE"]
            .iter()
            .all(|name| self.text(name).is_none())
    }

    pub(super) fn token_algorithm(&self) -> Result<Option<Algorithm>, ConfigError> {
        let Some(value) = self.text("TWOFOLD_TOKEN_ALG") else {
            return Ok(None);
        };
        match Algorithm::ALL.into_iter().find(|all| all.name() == value) {
            Some(algorithm) => Ok(Some(algorithm)),
            None => invalid("TWOFOLD_TOKEN_ALG", value, "EdDSA or ES256"),
        }
    }
}
