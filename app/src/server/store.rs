//! The database: SQLite or PostgreSQL, whichever the URL names. All SQL of the product is in this module.

mod attempts;
mod audit_events;
mod bindings;
mod confirmations;
mod endings;
mod exchange;
mod known_devices;
mod links;
mod mails;
mod passwords;
mod refresh_tokens;
mod sessions;
mod sign_ins;
mod sign_ups;
mod spent_proofs;
mod sqlite_file;
mod stale;
mod tries;
mod users;

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use tokio::time::timeout;

pub use attempts::Attempt;
pub use bindings::Held;
pub use confirmations::Renaming;
pub use exchange::Exchange;
pub use links::NewLink;
pub use mails::Mail;
pub use refresh_tokens::{Rotation, Shown, Times};
pub use sign_ins::SignedIn;
pub use sign_ups::WaitingSignUp;
pub use stale::Stale;
pub use tries::{Bucket, Full, Rule};
pub use users::{Account, EmailTaken};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// A request that cannot get the database within this time is answered with 503 (AV-08).
const PATIENCE: Duration = Duration::from_secs(2);
/// The same for a statement that waits for a row or a table; PostgreSQL itself would wait for ever.
const POSTGRES_PATIENCE: &str = "SET statement_timeout = '2s'";
/// How long the database may take to take the first connection.
const START_PATIENCE: Duration = Duration::from_secs(10);

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
}

/// The database failed. Neither kind is anything the user did.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is locked, full, read-only or gone: the same request may work later.
    #[error("the database cannot be used at the moment")]
    Unavailable(#[source] sqlx::Error),
    /// A statement or a row is not what this program expects.
    #[error("the database gave an unexpected answer")]
    Unexpected(#[source] sqlx::Error),
}

/// Why the database cannot be opened at the start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("it must begin with sqlite: or postgres:")]
    UnknownScheme,
    #[error("the file {path} cannot be opened: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error("the database cannot be used: {0}")]
    Connect(#[source] sqlx::Error),
    #[error("the database cannot be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
}

impl Store {
    /// Opens the database at `url` and brings its tables up to date. A missing SQLite file is made, readable by its owner only.
    ///
    /// # Errors
    /// [`OpenError`], when it is missing, locked, read-only or not a database at all.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let is_sqlite = url.starts_with("sqlite:");
        if !is_sqlite && !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(OpenError::UnknownScheme);
        }
        if is_sqlite {
            sqlite_file::create_private(url)?;
        }
        let options = AnyConnectOptions::from_str(url).map_err(OpenError::Connect)?;
        migrate(&options, is_sqlite).await?;
        let pool = pool_options(is_sqlite)
            .connect_with(options)
            .await
            .map_err(OpenError::Connect)?;
        Ok(Self { pool })
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.pool.execute("SELECT 1").await?;
        Ok(())
    }

    /// Ends every connection, so that a stopping server leaves no write behind.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// On a connection of its own: of several nodes that start together, one brings the tables up to date, and the others
/// wait for it without the pool's impatience (AV-11).
async fn migrate(options: &AnyConnectOptions, is_sqlite: bool) -> Result<(), OpenError> {
    let mut connection = timeout(START_PATIENCE, AnyConnection::connect_with(options))
        .await
        .unwrap_or_else(|elapsed| Err(std::io::Error::from(elapsed).into()))
        .map_err(OpenError::Connect)?;
    if is_sqlite {
        sqlite_file::prepare(&mut connection).await?;
    }
    let migrator = if is_sqlite { &SQLITE } else { &POSTGRES };
    migrator.run(&mut connection).await?;
    connection.close().await.map_err(OpenError::Connect)
}

fn pool_options(is_sqlite: bool) -> AnyPoolOptions {
    let settings = if is_sqlite {
        sqlite_file::PRAGMAS
    } else {
        POSTGRES_PATIENCE
    };
    AnyPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(PATIENCE)
        // A server may have hung up since; a file has not, and asking it costs as much as the query.
        .test_before_acquire(!is_sqlite)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(settings).await?;
                Ok(())
            })
        })
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let is_outage = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|code| is_outage_code(&code))
            }
            _ => false,
        };
        if is_outage {
            Self::Unavailable(error)
        } else {
            Self::Unexpected(error)
        }
    }
}

/// SQLite's primary result codes BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN (sqlite.org/rescode.html), and
/// PostgreSQL's classes 08 connection, 40 rollback, 53 resources, 55 state, 57 intervention, and 25006, a standby that
/// takes no writes (its manual, appendix A).
fn is_outage_code(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "55", "57"].contains(&&code[..2]) || code == "25006";
    }
    code.parse::<u32>()
        .is_ok_and(|code| [5, 6, 8, 10, 13, 14].contains(&(code & 0xff)))
}
