//! The directory with the keys, and the file with the one key from before. What changes it holds a lock, so that two
//! servers that start together make one key and not two.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::SystemTime;

use jws::key_pair::{Algorithm, KeyPair};

use super::KeyError;
use super::file::{KeyFile, write_private};
use super::set::KeySet;
use crate::domain::sign_in::Moment;

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct KeyDirectory {
    pub path: PathBuf,
    /// The only key of an installation from before there was a directory.
    pub earlier: Option<PathBuf>,
}

/// What is in the directory, seen without reading it: as long as it is the same, so are the keys.
pub type Listing = Vec<(PathBuf, Option<SystemTime>)>;

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

    /// What says that a key was retired.
    pub(super) fn retirement(&self, id: &str) -> PathBuf {
        self.path.join(format!("{id}.retired"))
    }

    /// Waits for the only right to change something, which ends with the value. The directory is made if need be.
    pub(super) fn lock(&self) -> Result<File, KeyError> {
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

#[cfg(test)]
mod tests {
    use jws::key_pair::Algorithm;
    use tempfile::TempDir;

    use super::super::set::State;
    use super::KeyDirectory;
    use crate::domain::sign_in::Moment;

    fn empty() -> (TempDir, KeyDirectory) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("keys");
        let directory = KeyDirectory {
            path,
            earlier: None,
        };
        (folder, directory)
    }

    #[test]
    fn servers_that_start_together_make_one_key() {
        let (_folder, directory) = empty();

        let ids: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                let keys = directory.read_or_create(None, Moment(100)).unwrap();
                keys.newest().pair.id().to_owned()
            };
            let servers: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            servers
                .into_iter()
                .map(|server| server.join().unwrap())
                .collect()
        });

        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn keys_of_one_second_sign_one_after_the_other() {
        let (_folder, directory) = empty();
        let made: Vec<_> = (0..4)
            .map(|_| directory.rotate(Algorithm::EdDsa, Moment(100)).unwrap())
            .collect();

        let keys = directory.read().unwrap();

        for (second, key) in (115..).zip(&made) {
            assert_eq!(keys.signing(Moment(second)).pair.id(), key.pair.id());
        }
        let states: Vec<_> = keys.states(Moment(116)).map(|(_, state)| state).collect();
        assert_eq!(
            states,
            [State::Verifying, State::Signing, State::Next, State::Next]
        );
    }
}
