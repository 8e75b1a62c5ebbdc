//! The end of a key: not before the last of its tokens, unless somebody insists.

use std::time::Duration;

use super::KeyError;
use super::directory::KeyDirectory;
use super::file::{KeyFile, write_private};
use super::set::{KeySet, PUBLISHED_FIRST, State};
use crate::domain::sign_in::Moment;

/// Clocks that differ, and a token that was signed in the key's last second.
const MARGIN: Duration = Duration::from_secs(30);

/// Why a key stays.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error("there is no key {0}; `twofold keys list` shows those there are")]
    Unknown(String),
    #[error("{0} signs, or is about to: `twofold keys rotate` first")]
    InUse(String),
    #[error("{0} signs until every server has seen the newer key: try again in {seconds} s", seconds = PUBLISHED_FIRST.as_secs())]
    StillSigns(String),
    #[error(
        "tokens that {id} signed may be good for {seconds} s more; with --now they are refused from now on"
    )]
    StillLive { id: String, seconds: i64 },
}

impl KeyDirectory {
    /// Ends a key that no token depends on any more. `access_token` is how long a token is good for.
    ///
    /// # Errors
    /// [`RetireError`]; the key stays then.
    pub fn retire(&self, id: &str, access_token: Duration, now: Moment) -> Result<(), RetireError> {
        let keys = self.read()?;
        require_idle(&keys, id, now)?;
        let live_until = keys
            .stopped_signing(id)
            .map_or(now, |stopped| stopped.after(access_token).after(MARGIN));
        if live_until > now {
            return Err(RetireError::StillLive {
                id: id.to_owned(),
                seconds: live_until.0 - now.0,
            });
        }
        self.retire_now(id, now)
    }

    /// Ends a key, and with it whatever token it signed. It stays ended when a backup brings its file back.
    ///
    /// # Errors
    /// [`RetireError`]; the key stays then.
    pub fn retire_now(&self, id: &str, now: Moment) -> Result<(), RetireError> {
        let _lock = self.lock()?;
        let keys = self.read()?;
        let key = require_idle(&keys, id, now)?;
        let mark = self.retirement(id);
        write_private(&mark, "").map_err(|source| KeyError::file(&mark, source))?;
        if key.path.parent() == Some(&self.path) {
            std::fs::remove_file(&key.path).map_err(|source| KeyError::file(&key.path, source))?;
        }
        Ok(())
    }
}

/// The key with this id, unless it signs or soon will.
fn require_idle<'a>(keys: &'a KeySet, id: &str, now: Moment) -> Result<&'a KeyFile, RetireError> {
    let found = keys.states(now).find(|(key, _)| key.pair.id() == id);
    match found {
        Some((key, State::Verifying)) => Ok(key),
        Some((_, State::Signing)) if keys.newest().pair.id() != id => {
            Err(RetireError::StillSigns(id.to_owned()))
        }
        Some(_) => Err(RetireError::InUse(id.to_owned())),
        None => Err(RetireError::Unknown(id.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jws::key_pair::{Algorithm, KeyPair};
    use tempfile::TempDir;

    use super::super::directory::KeyDirectory;
    use super::super::file::write_private;
    use crate::domain::sign_in::Moment;

    #[test]
    fn a_retired_key_stays_retired_when_a_backup_brings_it_back() {
        let folder = TempDir::new().unwrap();
        let directory = KeyDirectory {
            path: folder.path().join("keys"),
            earlier: None,
        };
        let old = directory.rotate(Algorithm::EdDsa, Moment(100)).unwrap();
        let pem = std::fs::read_to_string(&old.path).unwrap();
        directory.rotate(Algorithm::EdDsa, Moment(200)).unwrap();
        let five_minutes = Duration::from_secs(300);

        let early = directory.retire(old.pair.id(), five_minutes, Moment(544));
        directory
            .retire(old.pair.id(), five_minutes, Moment(545))
            .unwrap();
        let is_gone = !old.path.exists();
        write_private(&old.path, &pem).unwrap();

        assert!(early.is_err());
        assert!(is_gone);
        assert!(directory.read().unwrap().find(old.pair.id()).is_none());
    }

    #[test]
    fn the_file_from_before_is_the_oldest_key_and_is_never_removed() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("signing-key.pem");
        write_private(&file, &KeyPair::generate(Algorithm::Es256)).unwrap();
        let directory = KeyDirectory {
            path: folder.path().join("keys"),
            earlier: Some(file.clone()),
        };
        let id = directory.read().unwrap().newest().pair.id().to_owned();
        let new = directory.rotate(Algorithm::EdDsa, Moment(100)).unwrap();

        let keys = directory.read().unwrap();
        assert_eq!(keys.signing(Moment(114)).pair.id(), id);
        assert_eq!(keys.signing(Moment(115)).pair.id(), new.pair.id());

        directory.retire_now(&id, Moment(115)).unwrap();
        assert!(directory.read().unwrap().find(&id).is_none());
        assert!(file.exists());
    }
}
