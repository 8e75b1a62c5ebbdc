//! The server under test: the real one, in this process, with a clock that can be moved.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use app::server::clock::Clock;
use app::server::services::Services;
use axum::Router;
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::oneshot;
use twofold::server::Server;
use twofold::server::config::Config;

use super::Browser;

pub struct TestServer {
    pub address: SocketAddr,
    pub services: Services,
    pub directory: TempDir,
    clock: Clock,
    /// Dropped with the story, which stops the server.
    _stop: oneshot::Sender<()>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(&[], Router::new()).await
    }

    /// With more variables, and more routes behind the same layers as the pages.
    pub async fn start_with(variables: &[(&str, &str)], more: Router) -> Self {
        let directory = TempDir::new().unwrap();
        let mut all = vec![
            ("LEPTOS_SITE_ADDR".to_owned(), "127.0.0.1:0".to_owned()),
            (
                "TWOFOLD_DATA_DIR".to_owned(),
                directory.path().display().to_string(),
            ),
        ];
        all.extend(
            variables
                .iter()
                .map(|&(name, value)| (name.into(), value.into())),
        );
        let clock = Clock::default();
        let server = Server::build_with(Config::parse(all).unwrap(), clock.clone(), more)
            .await
            .unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, services) = (server.address(), server.services().clone());
        tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            services,
            directory,
            clock,
            _stop: stop,
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    pub fn let_pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub fn database_file(&self) -> PathBuf {
        self.directory.path().join("twofold.db")
    }

    /// Looks behind the curtain: one text per row.
    pub async fn select(&self, sql: &'static str) -> Vec<String> {
        let mut connection = self.connection().await;
        sqlx::query(sql)
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .iter()
            .map(|row| {
                row.try_get::<String, _>(0)
                    .or_else(|_| row.try_get::<i64, _>(0).map(|number| number.to_string()))
                    .unwrap()
            })
            .collect()
    }

    /// A connection of the story's own to the database file.
    pub async fn connection(&self) -> SqliteConnection {
        let url = format!("sqlite:{}", self.database_file().display());
        SqliteConnection::connect(&url).await.unwrap()
    }
}
