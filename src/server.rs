//! The server in two steps, so that tests start the real one on a port of their own: `build` makes everything ready,
//! `run` answers until it is told to stop.

pub mod assets;
pub mod config;
pub mod connections;
pub mod router;
pub mod shutdown;
pub mod telemetry;

mod documents;
mod public_files;
mod readiness;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::auth::jwt::server::self_test;
use app::server::access::check::AccessError;
use app::server::breaches::Breaches;
use app::server::clock::Clock;
use app::server::keys::KeyError;
use app::server::keys::ring::KeyRing;
use app::server::mail::carrier::{self, Carrier};
use app::server::mail::post;
use app::server::purge;
use app::server::services::Services;
use app::server::store::{OpenError, Store};
use axum::Router;
use jws::access_token::TokenError;
use jws::key_pair::Algorithm;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::config::{Config, host_of};
use self::connections::Patience;
use self::readiness::Readiness;

/// For the connections to the database, when the server has stopped. A request that is given up unanswered may hold one.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// A server that is ready to answer.
pub struct Server {
    listener: TcpListener,
    router: Router,
    services: Services,
    carrier: Option<Carrier>,
    readiness: Readiness,
    patience: Patience,
}

/// Why the server cannot start; names the variable to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("LEPTOS_SITE_ADDR: {address} cannot be listened on: {source}")]
    Address {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("TWOFOLD_DATA_DIR: {path} cannot be made: {source}")]
    DataDir {
        path: String,
        source: std::io::Error,
    },
    #[error("TWOFOLD_DATABASE_URL: {0}")]
    Database(#[from] OpenError),
    #[error("{variable}: {source}")]
    Keys {
        variable: &'static str,
        source: KeyError,
    },
    #[error("TWOFOLD_TOKEN_ALG is {}, but the newest key is for {}; `twofold keys rotate` makes one", .wanted.name(), .newest.name())]
    Algorithm {
        wanted: Algorithm,
        newest: Algorithm,
    },
    #[error(
        "LEPTOS_SITE_ROOT: there is no {file}; the site folder and the hash.txt beside the executable belong to one build"
    )]
    Site { file: String },
    #[error("TWOFOLD_BREACH_CHECK: nobody can be asked over TLS: {0}")]
    BreachCheck(std::io::Error),
    #[error(transparent)]
    Mail(#[from] carrier::OpenError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("TWOFOLD_KEYS_DIR: the key cannot sign and verify a token: {0}")]
    SelfTest(#[from] TokenError),
}

impl Server {
    /// Opens the port, the database and the key. With port 0 in the address, any free port is taken.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn build(config: Config) -> Result<Self, StartError> {
        Self::build_with(config, Clock::default(), Router::new()).await
    }

    /// As `build`, with a clock of the caller's, and routes of a test's that are put behind the same layers as the pages, without
    /// a line in `access.rs`.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn build_with(
        mut config: Config,
        clock: Clock,
        more: Router,
    ) -> Result<Self, StartError> {
        let listener = listen(config.address).await?;
        if let Ok(address) = listener.local_addr() {
            config.listening_on(address);
        }
        config
            .make_data_dir()
            .map_err(|source| StartError::DataDir {
                path: config.data_dir.display().to_string(),
                source,
            })?;
        let keys = load_keys(&config, &clock)?;
        // In development the pages may be what is being built.
        if config.is_production {
            let missing = assets::find_missing(&config.leptos);
            missing.map_or(Ok(()), |file| Err(StartError::Site { file }))?;
        }
        let breaches = Breaches::new(config.settings.breach_range.as_deref());
        let breaches = breaches.map_err(StartError::BreachCheck)?;
        let settings = &config.settings;
        let host = host_of(&settings.origin);
        let open = |mail| Carrier::open(mail, host);
        let carrier = settings.mail.as_ref().map(open).transpose()?;
        let store = Store::open(config.database_url.reveal()).await?;
        let services = Services::new(store, keys, config.settings.clone(), clock, breaches);
        self_test(&services)?;
        telemetry::follow_rendering();
        let readiness = Readiness::new(services.clone());
        Ok(Self {
            listener,
            router: router::build(&config, &services, readiness.clone(), more)?,
            services,
            carrier,
            readiness,
            patience: config.patience,
        })
    }

    /// Where it listens.
    ///
    /// # Panics
    /// When the operating system has closed the socket already.
    pub fn address(&self) -> SocketAddr {
        self.listener
            .local_addr()
            .expect("a socket that is listening has an address")
    }

    /// The database and what works on it, for tests that look behind the curtain.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Answers until `stop` is done and for as long as it takes balancers to notice, then finishes what is being answered.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tracing::info!(
            mode = app::auth::MODE.name(),
            origin = self.services.settings.origin,
            "listening on http://{}",
            self.address()
        );
        let mut background = vec![
            tokio::spawn(purge::run(self.services.clone())),
            tokio::spawn(Arc::clone(&self.services.keys).follow()),
        ];
        if let Some(carrier) = self.carrier {
            background.push(tokio::spawn(post::run(self.services.clone(), carrier)));
        }
        let left = async {
            stop.await;
            tracing::info!(
                "stopping, in {} s at the earliest",
                self.patience.leave_for.as_secs()
            );
            self.readiness.leave();
            tokio::time::sleep(self.patience.leave_for).await;
        };
        connections::serve(self.listener, self.router, self.patience, left).await;
        background.iter().for_each(JoinHandle::abort);
        let close = self.services.store.close();
        if tokio::time::timeout(CLOSE_WITHIN, close).await.is_err() {
            tracing::warn!("stopped before the database had closed every connection");
        }
        tracing::info!("stopped");
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Address { address, source })
}

fn load_keys(config: &Config, clock: &Clock) -> Result<KeyRing, StartError> {
    let directory = &config.keys;
    // A key that nobody asked for is made in development only: in production it would be lost with the machine.
    let keys = if config.is_production {
        directory.read()
    } else {
        directory.read_or_create(config.token_algorithm, clock.now())
    };
    let keys = keys.map_err(|source| StartError::Keys {
        variable: if directory.earlier.as_deref() == Some(source.path()) {
            "TWOFOLD_SIGNING_KEY_FILE"
        } else {
            "TWOFOLD_KEYS_DIR"
        },
        source,
    })?;
    let newest = keys.newest().pair.algorithm;
    match config.token_algorithm {
        Some(wanted) if wanted != newest => Err(StartError::Algorithm { wanted, newest }),
        _ => Ok(KeyRing::new(directory.clone(), keys)),
    }
}
