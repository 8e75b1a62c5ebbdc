//! Two server processes on one real database, in which every run gets a sign-in of its own.

use std::path::Path;
use std::time::Duration;

use app::domain::email::Email;
use app::domain::sign_in::{Keep, Kind, Moment};
use app::domain::user::{User, UserId};
use app::server::clock::Clock;
use app::server::device::Device;
use app::server::password_hash::PasswordHash;
use app::server::secret::{Secret, random_text};
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
    pub clocks: [Clock; 2],
    pub first: Secret,
}

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
        if let Some(sql) = spoiled.sql {
            let mut connection = AnyConnection::connect(&url).await.unwrap();
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
    pub async fn family(&self, skew: i64) -> Family {
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
            .begin(&user, Kind::Token, Keep::Longer, Device::default())
            .await
            .unwrap();
        let first = servers[0].first_refresh_token(&sign_in.id).await.unwrap();
        Family {
            servers,
            clocks,
            first,
        }
    }

    /// A person of their own for each sign-in, because a person can have only so many.
    async fn somebody(&self) -> User {
        let id = random_text::<16>();
        let user = User {
            email: Email::parse(&format!("{id}@example.com")).unwrap(),
            id: UserId::from(id),
            created_at: START,
        };
        let hash = PasswordHash::from_store("none".to_owned());
        self.stores[0]
            .insert_user(&user, &hash)
            .await
            .unwrap()
            .unwrap();
        user
    }

    /// Whether each of its sign-ins has one live refresh token.
    pub async fn check(&self) -> Result<(), String> {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let others: i64 = sqlx::query(
            "SELECT count(*) FROM sign_ins i WHERE 1 <> (SELECT count(*) FROM refresh_tokens r \
             WHERE r.sign_in_id = i.id AND r.spent_at IS NULL)",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap()
        .get(0);
        match others {
            0 => Ok(()),
            others => Err(format!(
                "{others} sign-ins without exactly one live refresh token"
            )),
        }
    }
}
