//! The server under test: the real one, in this process, with a clock that can be moved.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::server::clock::Clock;
use app::server::services::Services;
use axum::Router;
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use twofold::server::Server;
use twofold::server::config::Config;

use super::keyholder::Keyholder;
use super::program::Program;
use super::reachable::Reachable;
use super::{Browser, Database, database};

pub struct TestServer {
    pub address: SocketAddr,
    pub services: Services,
    /// Shared by the nodes of a story.
    pub directory: Arc<TempDir>,
    database_url: String,
    clock: Clock,
    /// Dropped with the story, which stops the server.
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(&[], Router::new()).await
    }

    /// With more variables, and more routes behind the same layers as the pages.
    pub async fn start_with(variables: &[(&str, &str)], more: Router) -> Self {
        Self::start_changed(variables, more, |_| {}).await
    }

    /// With settings that no variable names.
    pub async fn start_changed(
        variables: &[(&str, &str)],
        more: Router,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let directory = Arc::new(TempDir::new().unwrap());
        Self::start_in(directory, Clock::default(), variables, more, change).await
    }

    /// Where time passes only by [`TestServer::let_pass`], so that nothing is forgotten because a machine is slow.
    pub async fn start_outside_time(variables: &[(&str, &str)], more: Router) -> Self {
        let directory = Arc::new(TempDir::new().unwrap());
        let clock = Clock::stopped_at(Clock::default().now());
        Self::start_in(directory, clock, variables, more, |_| {}).await
    }

    /// One more server with the same database, key, origin and time, as behind a load balancer.
    pub async fn another_node(&self, variables: &[(&str, &str)], more: Router) -> Self {
        let origin = self.origin();
        let mut all = vec![("TWOFOLD_ORIGIN", origin.as_str())];
        all.extend(variables);
        Self::start_in(
            self.directory.clone(),
            self.clock.clone(),
            &all,
            more,
            |_| {},
        )
        .await
    }

    async fn start_in(
        directory: Arc<TempDir>,
        clock: Clock,
        variables: &[(&str, &str)],
        more: Router,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let given = variables
            .iter()
            .find(|(name, _)| *name == "TWOFOLD_DATABASE_URL");
        let database_url = match given {
            Some((_, url)) => (*url).to_owned(),
            None => Database::url(directory.path()).await,
        };
        let path = directory.path().to_str().unwrap();
        let mut all = vec![
            ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
            ("TWOFOLD_DATA_DIR", path),
            ("TWOFOLD_DATABASE_URL", &database_url),
        ];
        all.extend(variables);
        let all = all
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut config = Config::parse(all).unwrap();
        change(&mut config);
        let server = Server::build_with(config, clock.clone(), more)
            .await
            .unwrap();
        let (stop, stopped) = oneshot::channel();
        let (address, services) = (server.address(), server.services().clone());
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            services,
            directory,
            database_url,
            clock,
            stop,
            running,
        }
    }

    /// Waits for its end.
    pub async fn stop(self) {
        drop(self.stop);
        self.running.await.unwrap();
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

    /// A connection of the story's own to the database.
    pub async fn connection(&self) -> AnyConnection {
        database::connect(&self.database_url).await
    }

    /// Lets the database refuse a kind of statement, e.g. `INSERT ON sessions`.
    pub async fn refuse(&self, statement: &str) {
        self.execute(database::refusal_of(statement)).await;
    }

    pub async fn refuse_no_more(&self) {
        let sql = match Database::of_this_run() {
            Database::Sqlite => "DROP TRIGGER refusal",
            Database::Postgres => "DROP FUNCTION refuse CASCADE",
        };
        self.execute(sql.to_owned()).await;
    }

    /// Notes every row of `table` that is changed from now on in a table `updates`.
    pub async fn count_updates_of(&self, table: &str) {
        let sql = match Database::of_this_run() {
            Database::Sqlite => format!(
                "CREATE TABLE updates (id TEXT); CREATE TRIGGER counting AFTER UPDATE ON {table} \
                 BEGIN INSERT INTO updates VALUES (OLD.id); END"
            ),
            Database::Postgres => format!(
                "CREATE TABLE updates (id TEXT); \
                 CREATE FUNCTION count_update() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN INSERT INTO updates VALUES (OLD.id); RETURN NULL; END'; \
                 CREATE TRIGGER counting AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION count_update()"
            ),
        };
        self.execute(sql).await;
    }

    pub async fn execute(&self, sql: String) {
        let sql = AssertSqlSafe(sql);
        self.connection().await.execute(sql).await.unwrap();
    }
}

impl Reachable for TestServer {
    fn browser(&self) -> Browser {
        self.browser()
    }

    fn origin(&self) -> String {
        self.origin()
    }
}

/// A server where Ada has an account, and a program of hers.
pub async fn server_with_program() -> (TestServer, Program) {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let program = Program::sign_in(&server).await;
    (server, program)
}

/// A server, and Ada's client with a key.
pub async fn server_with_keyholder() -> (TestServer, Keyholder) {
    let server = TestServer::start().await;
    server.browser().sign_up().await;
    let holder = Keyholder::sign_in(&server, 1).await;
    (server, holder)
}
