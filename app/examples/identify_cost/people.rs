//! Live sign-ins, put into the database past the password, and a proof of either kind for each of them.

use std::time::{SystemTime, UNIX_EPOCH};

use app::domain::sign_in::Moment;
use app::server::keys::directory::KeyDirectory;
use app::server::secret::{Hashed, random_text};
use jws::access_token::{Claims, TYPE};
use sqlx::{AnyConnection, Connection, Executor};
use tower_sessions::session::Id;

use crate::server::Server;

/// No more than the product lets one person have.
const PER_PERSON: usize = 50;
const DAY: i64 = 24 * 60 * 60;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub struct People {
    origin: String,
    keys: KeyDirectory,
    sign_ins: Vec<SignIn>,
}

struct SignIn {
    id: String,
    user_id: String,
    session: String,
}

impl People {
    /// So many sign-ins of as many people as that takes.
    pub async fn add(server: &Server, count: usize) -> Self {
        sqlx::any::install_default_drivers();
        let file = server.directory().join("twofold.db");
        let url = format!("sqlite:{}", file.display());
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        let mut sign_ins = Vec::<SignIn>::new();
        for number in 0..count {
            let user_id = match sign_ins.last() {
                Some(last) if number % PER_PERSON != 0 => last.user_id.clone(),
                _ => insert_user(&mut connection).await,
            };
            sign_ins.push(insert_sign_in(&mut connection, user_id).await);
        }
        connection.execute("COMMIT").await.unwrap();
        let keys = KeyDirectory {
            path: server.directory().join("keys"),
            earlier: None,
        };
        Self {
            origin: server.origin(),
            keys,
            sign_ins,
        }
    }

    pub fn cookie(&self, index: usize) -> String {
        format!(
            "Cookie: __Host-session={}\r\n",
            self.sign_ins[index].session
        )
    }

    pub fn token(&self, index: usize) -> String {
        let (sign_in, now) = (&self.sign_ins[index], now());
        let claims = Claims {
            iss: self.origin.clone(),
            aud: "twofold".to_owned(),
            sub: sign_in.user_id.clone(),
            sid: sign_in.id.clone(),
            jti: random_text::<16>(),
            iat: now,
            exp: now + 300,
            nbf: None,
            cnf: None,
        };
        let keys = self.keys.read().unwrap();
        let token = keys.signing(Moment(now)).pair.sign(TYPE, &claims).unwrap();
        format!("Authorization: Bearer {token}\r\n")
    }
}

async fn insert_user(connection: &mut AnyConnection) -> String {
    let id = random_text::<16>();
    let insert =
        "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, 'none', $3)";
    sqlx::query(insert)
        .bind(&id)
        .bind(format!("{}@example.com", id.to_lowercase()))
        .bind(now())
        .execute(connection)
        .await
        .unwrap();
    id
}

async fn insert_sign_in(connection: &mut AnyConnection, user_id: String) -> SignIn {
    let (id, session) = (random_text::<16>(), Id::default().to_string());
    let insert = "INSERT INTO sign_ins (id, user_id, kind, kept, created_at, last_seen_at, idle_ends_at, absolute_ends_at, \
                  user_agent, address) VALUES ($1, $2, 'cookie', 1, $3, $3, $4, $4, $5, '127.0.0.1')";
    sqlx::query(insert)
        .bind(&id)
        .bind(&user_id)
        .bind(now())
        .bind(now() + DAY)
        .bind(FIREFOX)
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO sessions (id_hash, sign_in_id, data) VALUES ($1, $2, $3)")
        .bind(Hashed::of(&session).as_str())
        .bind(&id)
        .bind(serde_json::json!({ "sign_in": id }).to_string())
        .execute(connection)
        .await
        .unwrap();
    SignIn {
        id,
        user_id,
        session,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
