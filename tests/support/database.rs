//! The database of a story: a SQLite file in the story's directory or, where `STORY_DATABASE` names a PostgreSQL server
//! (`bin/with-postgres` starts one), a role there with a schema of its own.

use std::path::Path;

use sqlx::{AnyConnection, Connection, Executor};

/// What a story runs on; a story that is about one of them says so with `only_on!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub fn of_this_run() -> Self {
        match postgres_server() {
            Some(_) => Self::Postgres,
            None => Self::Sqlite,
        }
    }

    /// The URL of the database that belongs to `directory`, which is made if it is not there yet.
    pub async fn url(directory: &Path) -> String {
        let Some(server) = postgres_server() else {
            return format!("sqlite:{}", directory.join("twofold.db").display());
        };
        let role = role_of(directory);
        let mut administrator = connect(&server).await;
        let known = sqlx::query("SELECT rolname::text FROM pg_roles WHERE rolname = $1")
            .bind(role.as_str())
            .fetch_optional(&mut administrator)
            .await
            .unwrap();
        if known.is_none() {
            // No superuser, and `search_path` names the schema that is called like the role before all others.
            let sql = format!("CREATE ROLE {role} LOGIN; CREATE SCHEMA AUTHORIZATION {role}");
            administrator
                .execute(sqlx::AssertSqlSafe(sql))
                .await
                .unwrap();
        }
        administrator.close().await.unwrap();
        let (scheme, address) = server.split_once("://").unwrap();
        let address = address.split_once('@').map_or(address, |(_, rest)| rest);
        format!("{scheme}://{role}@{address}")
    }

    /// The same database by the name in the server's certificate, with `sslmode` and the certificate to expect.
    pub async fn encrypted_url(directory: &Path, sslmode: &str) -> String {
        let certificate = std::env::var("STORY_DATABASE_CERTIFICATE").unwrap();
        let url = Self::url(directory).await;
        let (url, _) = url.split_once('?').unwrap_or((&url, ""));
        let url = url.replace("127.0.0.1", "localhost");
        format!("{url}?sslmode={sslmode}&sslrootcert={certificate}")
    }

    /// Lets PostgreSQL break the connections of `directory`'s role and take no new ones, or take them again.
    pub async fn allow_connections(directory: &Path, are_allowed: bool) {
        let role = role_of(directory);
        let limit = if are_allowed { -1 } else { 0 };
        let mut administrator = connect(&postgres_server().unwrap()).await;
        for sql in [
            format!("ALTER ROLE {role} CONNECTION LIMIT {limit}"),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
            ),
        ] {
            let sql = sqlx::AssertSqlSafe(sql);
            administrator.execute(sql).await.unwrap();
        }
    }
}

/// What lets the database refuse a kind of statement, e.g. `INSERT ON sessions`.
pub fn refusal_of(statement: &str) -> String {
    match Database::of_this_run() {
        Database::Sqlite => format!(
            "CREATE TRIGGER refusal BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ),
        Database::Postgres => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN RAISE EXCEPTION ''refused''; END'; \
             CREATE TRIGGER refusal BEFORE {statement} EXECUTE FUNCTION refuse()"
        ),
    }
}

pub async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// The server where every story gets a role, as its administrator. It trusts whoever connects.
fn postgres_server() -> Option<String> {
    std::env::var("STORY_DATABASE").ok()
}

/// Temporary directories have unique names; roles are written without quotes.
fn role_of(directory: &Path) -> String {
    let name = directory.file_name().unwrap().to_str().unwrap();
    let digits = name.bytes().map(|byte| format!("{byte:02x}"));
    format!("story_{}", digits.collect::<String>())
}
