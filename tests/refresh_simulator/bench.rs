//! Two server processes on one real database, in which every run gets a sign-in of its own.

use std::path::Path;
use std::time::Duration;

use app::domain::email::Email;
use app::domain::sign_in::{Keep, Kind, Moment, SignInId};
use app::domain::user::{User, UserId};
use app::server::caller::Caller;
use app::server::clock::Clock;
use app::server::password_hash::PasswordHash;
use app::server::secret::{Secret, SessionId, random_text};
use app::server::settings::Lifetimes;
use app::server::sign_ins::SignIns;
use app::server::store::Store;
use sqlx::{AnyConnection, Connection, Executor, Row};
use tempfile::TempDir;

const START: Moment = Moment(1_700_000_000);

/// Spoils the database or the settings, to see that the simulator notices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spoiled {
    pub sql: Option<&'static str>,
    pub grace: Option<Duration>,
}

pub struct Bench {
    stores: [Store; 2],
    url: String,
    lifetimes: Lifetimes,
    _directory: TempDir,
}

/// A fresh sign-in, and the clocks of the two processes.
pub struct Family {
    pub servers: [SignIns; 2],
    pub stores: [Store; 2],
    pub clocks: [Clock; 2],
    pub id: SignInId,
}

/// Notes each moment at which a sign-in has two proofs that are live, as a look at the end would not.
const WATCH: [&str; 3] = [
    "CREATE TABLE doubles (sign_in_id TEXT)",
    "CREATE TRIGGER watch_tokens AFTER INSERT ON refresh_tokens WHEN 1 < (SELECT count(*) FROM live \
     WHERE sign_in_id = NEW.sign_in_id) BEGIN INSERT INTO doubles VALUES (NEW.sign_in_id); END",
    "CREATE TRIGGER watch_sessions AFTER INSERT ON sessions WHEN 1 < (SELECT count(*) FROM live \
     WHERE sign_in_id = NEW.sign_in_id) BEGIN INSERT INTO doubles VALUES (NEW.sign_in_id); END",
];
/// A proof is live until it is spent or exchanged.
const LIVE: &str = "CREATE VIEW live AS SELECT sign_in_id FROM refresh_tokens WHERE spent_at IS NULL \
     UNION ALL SELECT sign_in_id FROM sessions WHERE exchanged_at IS NULL";

impl Bench {
    pub async fn new(spoiled: Spoiled) -> Self {
        // In memory where there is such a place: nothing here has to survive the machine.
        let memory = Path::new("/dev/shm");
        let directory = if memory.is_dir() {
            TempDir::new_in(memory).unwrap()
        } else {
            TempDir::new().unwrap()
        };
        let url = format!("sqlite:{}", directory.path().join("twofold.db").display());
        let stores = [
            Store::open(&url).await.unwrap(),
            Store::open(&url).await.unwrap(),
        ];
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        for sql in [LIVE].into_iter().chain(WATCH).chain(spoiled.sql) {
            connection.execute(sql).await.unwrap();
        }
        let mut lifetimes = Lifetimes::default();
        lifetimes.refresh_grace = spoiled.grace.unwrap_or(lifetimes.refresh_grace);
        Self {
            stores,
            url,
            lifetimes,
            _directory: directory,
        }
    }

    /// Nothing but the database is shared by the two servers. The clock of the second is ahead by `skew` seconds.
    pub async fn family(&self, skew: i64, kind: Kind) -> Family {
        let clocks = [0, skew].map(|ahead| Clock::stopped_at(Moment(START.0 + ahead)));
        let servers = [0, 1].map(|server| {
            SignIns::new(
                self.stores[server].clone(),
                clocks[server].clone(),
                self.lifetimes,
                1,
            )
        });
        let user = self.somebody().await;
        let sign_in = servers[0]
            .begin(&user, kind, Keep::Longer, &Caller::default())
            .await
            .unwrap();
        Family {
            servers,
            stores: self.stores.clone(),
            clocks,
            id: sign_in.id,
        }
    }

    /// A person of their own for each sign-in, because a person can have only so many.
    async fn somebody(&self) -> User {
        let id = random_text::<16>();
        let user = User {
            email: Email::parse(&format!("{id}@example.com")).unwrap(),
            id: UserId::from(id),
            created_at: START,
            password_version: 0,
        };
        let hash = PasswordHash::from_store("none".to_owned());
        self.stores[0]
            .insert_user(&user, &hash, &Caller::default())
            .await
            .unwrap()
            .unwrap();
        user
    }

    /// Whether each of its sign-ins has one live proof, and never had two.
    pub async fn check(&self) -> Result<(), String> {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let others: i64 = sqlx::query(
            "SELECT (SELECT count(*) FROM sign_ins i WHERE 1 <> (SELECT count(*) FROM live l \
             WHERE l.sign_in_id = i.id)) + (SELECT count(*) FROM doubles)",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap()
        .get(0);
        match others {
            0 => Ok(()),
            others => Err(format!("{others} sign-ins without exactly one live proof")),
        }
    }
}

impl Family {
    pub async fn first_token(&self) -> Secret {
        self.servers[0].first_refresh_token(&self.id).await.unwrap()
    }

    /// Made as a refresh token gives one, and then as if the sign-in had begun with it.
    pub async fn first_session(&self) -> SessionId {
        let session = Secret::random().session(&Secret::random());
        let hashed = session.hashed();
        let inserted = self.stores[0].insert_session(&hashed, &self.id, "{}").await;
        inserted.unwrap();
        session
    }
}
