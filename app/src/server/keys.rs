//! The keys that sign and verify access tokens. Any number verifies, one signs, and a new one takes over without a
//! restart and without a refused request, on every server that shares the directory (JW-20).
//!
//! How that works: a key is a file, and when it was made stands in the file's name. Each server reads the directory once
//! a second, so it knows a new key a second after it was made. Nobody signs with a key before it is fifteen seconds old
//! ([`set::PUBLISHED_FIRST`]): until then it is known, and published in `/.well-known/jwks.json`, whose answers may be
//! kept for ten. So a token never arrives before the key that verifies it, and servers need not talk to each other;
//! their clocks may be ten seconds apart. The first key of all signs at once, there is nothing else to sign with.
//!
//! No request reads the disk, but for this: a `kid` that is not known makes the server look at most once a second
//! ([`ring::KeyRing::look_again`]), in case it slept while others did not. A thousand tokens with invented ones cost as
//! much as one (JW-21).
//!
//! An older version had one key in one file. That file stays where it is and is one of the keys, the oldest of all: it
//! signs until a newer one is made.

pub mod directory;
pub mod file;
pub mod jwks;
pub mod retire;
pub mod ring;
pub mod set;

use std::path::{Path, PathBuf};

/// What is wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{path} cannot be read or written: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not taken for a signing key: {source}")]
    Malformed {
        path: PathBuf,
        source: jws::key::KeyError,
    },
    #[error("{path} can be read by other users of this machine: chmod 600 {path}")]
    NotPrivate { path: PathBuf },
    #[error("{path} holds no key; `twofold keys rotate` makes one")]
    None { path: PathBuf },
}

impl KeyError {
    fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// The file or directory it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::File { path, .. }
            | Self::Malformed { path, .. }
            | Self::NotPrivate { path }
            | Self::None { path } => path,
        }
    }
}
