//! The directory with the keys, and the file with the one key from before. What changes it holds a lock, so that two
//! servers that start together make one key and not two.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use jws::key_pair::{Algorithm, KeyPair};

use super::KeyError;
use super::file::{KeyFile, write_private};
use super::set::{KeySet, State};
use crate::domain::sign_in::Moment;

/// Clocks that differ, and a token that was signed in the key's last second.
const MARGIN: Duration = Duration::from_secs(30);

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct KeyDirectory {
    pub path: PathBuf,
    /// The only key of an installation from before there was a directory.
    pub earlier: Option<PathBuf>,
}

/// What is in the directory, seen without reading it: as long as it is the same, so are the keys.
pub type Listing = Vec<(PathBuf, Option<SystemTime>)>;

/// Why a key stays.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error("there is no key {0}; `twofold keys list` shows those there are")]
    Unknown(String),
    #[error("{0} signs, or is about to: `twofold keys rotate` first")]
    InUse(String),
    #[error(
        "tokens that {id} signed may be good for {seconds} s more; with --now they are refused from now on"
    )]
    StillLive { id: String, seconds: i64 },
}

impl KeyDirectory {
    /// All keys.
    ///
    /// # Errors
    /// [`KeyError`], also when there is none, or one in the directory can be read by others. The file from before was
    /// never checked for that, so it is taken, with a warning.
    pub fn read(&self) -> Result<KeySet, KeyError> {
        let mut keys = Vec::new();
        for path in self.files()? {
            let key = KeyFile::read(&path)?;
            if !key.is_private && path.parent() == Some(&self.path) {
                return Err(KeyError::NotPrivate { path });
            }
            if !key.is_private {
                tracing::warn!(path = %path.display(), "the signing key can be read by others: chmod 600");
            }
            if !self.retirement(key.pair.id()).exists() {
                keys.push(key);
            }
        }
        KeySet::of(keys).ok_or_else(|| KeyError::None {
            path: self.path.clone(),
        })
    }

    /// What a change of the keys changes.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn listing(&self) -> Result<Listing, KeyError> {
        let changed = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        let mut paths = self.files()?;
        paths.push(self.path.clone());
        Ok(paths
            .into_iter()
            .map(|path| (path.clone(), changed(&path)))
            .collect())
    }

    /// All keys, after making one if there is none, or the newest is not of the algorithm that is asked for. A file
    /// from before that is named and missing is made as it was before.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn read_or_create(
        &self,
        algorithm: Option<Algorithm>,
        now: Moment,
    ) -> Result<KeySet, KeyError> {
        if let Some(file) = self.earlier.as_ref().filter(|file| !file.exists()) {
            write_private(file, &KeyPair::generate(algorithm.unwrap_or_default()))
                .map_err(|source| KeyError::file(file, source))?;
        }
        if let Some(keys) = self.read_fitting(algorithm)? {
            return Ok(keys);
        }
        let _lock = self.lock()?;
        // Another server may have made it while this one waited.
        if self.read_fitting(algorithm)?.is_none() {
            self.add(algorithm.unwrap_or_default(), now)?;
        }
        self.read()
    }

    /// Makes a new key, which signs as soon as everybody knows it; the others go on verifying.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate(&self, algorithm: Algorithm, now: Moment) -> Result<KeyFile, KeyError> {
        let _lock = self.lock()?;
        self.add(algorithm, now)
    }

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
        File::create(&mark).map_err(|source| KeyError::file(&mark, source))?;
        if key.path.parent() == Some(&self.path) {
            std::fs::remove_file(&key.path).map_err(|source| KeyError::file(&key.path, source))?;
        }
        Ok(())
    }

    /// The keys, unless there is none, or the newest is of another algorithm than the one that is asked for.
    fn read_fitting(&self, algorithm: Option<Algorithm>) -> Result<Option<KeySet>, KeyError> {
        match self.read() {
            Ok(keys) => Ok(Some(keys).filter(|keys| {
                algorithm.is_none_or(|wanted| keys.newest().pair.algorithm == wanted)
            })),
            Err(KeyError::None { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Two keys never have the same age: the order in which they sign would be left to chance.
    fn add(&self, algorithm: Algorithm, now: Moment) -> Result<KeyFile, KeyError> {
        let mut created = now;
        match self.read() {
            Ok(keys) => {
                while keys.states(now).any(|(key, _)| key.created == created) {
                    created.0 += 1;
                }
            }
            Err(KeyError::None { .. }) => {}
            Err(error) => return Err(error),
        }
        KeyFile::write(&self.path, &KeyPair::generate(algorithm), created)
    }

    /// A missing directory holds nothing; drafts and other hidden files are none of the keys.
    fn files(&self) -> Result<Vec<PathBuf>, KeyError> {
        let failed = |source| KeyError::file(&self.path, source);
        let mut files: Vec<_> = self.earlier.iter().cloned().collect();
        let entries = match self.path.read_dir() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(files),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            if name.ends_with(b".pem") && !name.starts_with(b".") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn retirement(&self, id: &str) -> PathBuf {
        self.path.join(format!("{id}.retired"))
    }

    /// Waits for the only right to change something, which ends with the value. The directory is made if need be.
    fn lock(&self) -> Result<File, KeyError> {
        self.open_lock()
            .and_then(|lock| lock.lock().map(|()| lock))
            .map_err(|source| KeyError::file(&self.path, source))
    }

    fn open_lock(&self) -> std::io::Result<File> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.path)?;
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.join(".lock"))
    }
}

/// The key with this id, unless it signs or soon will.
fn require_idle<'a>(keys: &'a KeySet, id: &str, now: Moment) -> Result<&'a KeyFile, RetireError> {
    let found = keys.states(now).find(|(key, _)| key.pair.id() == id);
    match found {
        Some((key, State::Verifying)) => Ok(key),
        Some(_) => Err(RetireError::InUse(id.to_owned())),
        None => Err(RetireError::Unknown(id.to_owned())),
    }
}
