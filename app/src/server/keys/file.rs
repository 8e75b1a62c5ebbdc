//! One key in one file: PKCS#8 PEM, named `<seconds since 1970>-<kid>.pem` after the moment it was made.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jws::key_pair::KeyPair;

use super::KeyError;
use crate::domain::sign_in::Moment;

/// Our own files have under 300 bytes. Whatever is longer is something else, and is not read to its end.
const LONGEST: u64 = 16 * 1024;

/// A key and where it comes from.
pub struct KeyFile {
    pub pair: KeyPair,
    /// When it was made; the beginning of time for a file that somebody named in another way.
    pub created: Moment,
    pub path: PathBuf,
    /// Whether only its owner can read it.
    pub is_private: bool,
}

impl KeyFile {
    /// Reads a key.
    ///
    /// # Errors
    /// [`KeyError`] names the file.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::file(path, source);
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode();
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
        let pair = std::str::from_utf8(&bytes)
            .map_err(|_| jws::key::KeyError::NotPrivate)
            .and_then(KeyPair::from_pem)
            .map_err(|source| KeyError::Malformed {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            pair,
            created: created(path),
            path: path.to_owned(),
            // None of the six bits of group and others.
            is_private: mode.trailing_zeros() >= 6,
        })
    }

    /// Writes `pem` for its owner alone, under its final name only when all of it is there, so that no other server ever
    /// reads half a key.
    ///
    /// # Errors
    /// [`KeyError`]; nothing is left behind then.
    pub fn write(directory: &Path, pem: &str, now: Moment) -> Result<Self, KeyError> {
        let pair = KeyPair::from_pem(pem).map_err(|source| KeyError::Malformed {
            path: directory.to_owned(),
            source,
        })?;
        let path = directory.join(format!("{}-{}.pem", now.0, pair.id()));
        let draft = directory.join(format!(".{}.draft", pair.id()));
        write_private(&draft, pem)
            .and_then(|()| std::fs::rename(&draft, &path))
            .and_then(|()| File::open(directory)?.sync_all())
            .map_err(|source| {
                let _ = std::fs::remove_file(&draft);
                KeyError::file(&path, source)
            })?;
        Self::read(&path)
    }
}

/// Writes a new file that only its owner can read.
///
/// # Errors
/// When it cannot be written, or exists.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn created(path: &Path) -> Moment {
    let seconds = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.split_once('-'))
        .and_then(|(seconds, _)| seconds.parse().ok());
    Moment(seconds.unwrap_or(0))
}
