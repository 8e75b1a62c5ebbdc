//! What a SQLite file needs and a PostgreSQL server does not: being made private, and a test that it takes writes.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;

use sqlx::{AnyConnection, Executor};

use super::OpenError;

/// Readers never wait for the writer (WAL), a writer waits for another instead of failing, and foreign keys hold.
pub(super) const PRAGMAS: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

/// Makes the file of `url` if there is none. SQLite itself would make it readable for every user of the machine.
pub(super) fn create_private(url: &str) -> Result<(), OpenError> {
    let path = path_of(url);
    if path.is_empty() || path.contains(":memory:") || url.contains("mode=") {
        return Ok(());
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(OpenError::File {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// A database that only answers reads would refuse the first sign-in hours later; better to refuse the start.
pub(super) async fn prepare(connection: &mut AnyConnection) -> Result<(), OpenError> {
    for step in [
        PRAGMAS,
        "BEGIN IMMEDIATE; CREATE TABLE write_probe (x); ROLLBACK;",
    ] {
        connection.execute(step).await.map_err(OpenError::Connect)?;
    }
    Ok(())
}

fn path_of(url: &str) -> &str {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split('?').next().unwrap_or_default()
}
