//! The keys a running server works with, kept up to date from their directory.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::KeyError;
use super::directory::{KeyDirectory, Listing};
use super::set::KeySet;

/// How often the directory is looked at, and how often a token can cause a look of its own.
const EVERY: Duration = Duration::from_secs(1);

/// The current keys; cheap to ask.
pub struct KeyRing {
    directory: KeyDirectory,
    current: RwLock<Arc<KeySet>>,
    look: Mutex<Look>,
    /// When a token last caused a look. Apart from `look`, which is held while the disk is read.
    asked_for: Mutex<Option<Instant>>,
}

/// What the last look found, so that the next one has something to compare with.
#[derive(Default)]
struct Look {
    listing: Listing,
    problem: String,
}

impl KeyRing {
    pub fn new(directory: KeyDirectory, keys: KeySet) -> Self {
        Self {
            directory,
            current: RwLock::new(Arc::new(keys)),
            look: Mutex::default(),
            asked_for: Mutex::default(),
        }
    }

    /// The keys as of the last look.
    pub fn current(&self) -> Arc<KeySet> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks for new and retired keys, once a second, for ever.
    pub async fn follow(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            let ring = Arc::clone(&self);
            // A slow disk must not keep a request waiting.
            let _ = tokio::task::spawn_blocking(move || ring.look()).await;
        }
    }

    /// Looks now, because a token named a key that is not known, and gives the keys after it. Only the first in a second
    /// causes a look; the others get the keys as they are (JW-21).
    pub async fn look_again(self: Arc<Self>, now: Instant) -> Arc<KeySet> {
        if self.may_ask(now) {
            let ring = Arc::clone(&self);
            let _ = tokio::task::spawn_blocking(move || ring.look()).await;
        }
        self.current()
    }

    fn may_ask(&self, now: Instant) -> bool {
        let mut asked_for = self
            .asked_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_early =
            asked_for.is_some_and(|before| now.saturating_duration_since(before) < EVERY);
        if !is_early {
            *asked_for = Some(now);
        }
        !is_early
    }

    /// Reads the keys if anything changed. What cannot be read leaves the keys as they were: a half-done change by hand
    /// is no reason to refuse tokens.
    fn look(&self) {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        match self.changed_keys(&look.listing) {
            Ok(None) => {}
            Ok(Some((listing, keys))) => {
                tracing::info!(newest = keys.newest().pair.id(), "token keys read");
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(keys);
                (look.listing, look.problem) = (listing, String::new());
            }
            Err(error) => {
                let problem = error.to_string();
                if look.problem != problem {
                    tracing::error!(%error, "token keys cannot be read; going on with those from before");
                }
                look.problem = problem;
            }
        }
    }

    fn changed_keys(&self, before: &Listing) -> Result<Option<(Listing, KeySet)>, KeyError> {
        // The listing first: what changes while the keys are read is found by the next look.
        let listing = self.directory.listing()?;
        if listing == *before {
            return Ok(None);
        }
        Ok(Some((listing, self.directory.read()?)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use jws::key_pair::Algorithm;
    use tempfile::TempDir;

    use super::super::directory::KeyDirectory;
    use super::KeyRing;
    use crate::domain::sign_in::Moment;

    fn ring() -> (TempDir, KeyDirectory, Arc<KeyRing>) {
        let folder = TempDir::new().unwrap();
        let directory = KeyDirectory {
            path: folder.path().join("keys"),
            earlier: None,
        };
        let keys = directory.read_or_create(None, Moment(100)).unwrap();
        let ring = Arc::new(KeyRing::new(directory.clone(), keys));
        (folder, directory, ring)
    }

    #[tokio::test]
    async fn an_unknown_kid_causes_at_most_one_look_a_second() {
        let (_folder, directory, ring) = ring();
        let start = Instant::now();
        Arc::clone(&ring).look_again(start).await;
        let new = directory.rotate(Algorithm::Es256, Moment(200)).unwrap();

        for _ in 0..1000 {
            let keys = Arc::clone(&ring).look_again(start).await;
            assert!(keys.find(new.pair.id()).is_none(), "JW-21");
        }
        let later = start + Duration::from_secs(1);
        let keys = Arc::clone(&ring).look_again(later).await;

        assert!(keys.find(new.pair.id()).is_some());
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_read_leaves_the_keys_as_they_were() {
        let (_folder, directory, ring) = ring();
        std::fs::write(directory.path.join("300-broken.pem"), "half a key").unwrap();

        ring.look();
        let meanwhile = ring.current().newest().created;
        std::fs::remove_file(directory.path.join("300-broken.pem")).unwrap();
        directory.rotate(Algorithm::EdDsa, Moment(400)).unwrap();
        ring.look();

        assert_eq!(meanwhile, Moment(100));
        assert_eq!(ring.current().newest().created, Moment(400));
    }
}
