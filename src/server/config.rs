//! Every variable the server reads, and nothing else reads any. `.env.example` lists them.

mod keys;
mod known;
mod limits;
mod mail;
mod parse;
mod passwords;
mod sign_ins;

use std::fmt;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use app::server::keys::directory::KeyDirectory;
use app::server::settings::Settings;
use jws::key_pair::Algorithm;
use leptos::config::{Env, LeptosOptions};

pub use self::mail::host_of;
pub use self::parse::ConfigError;
use super::connections::Patience;

/// What the server needs to start.
#[derive(Clone, Debug)]
pub struct Config {
    pub address: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: DatabaseUrl,
    pub keys: KeyDirectory,
    /// What new keys are for; `None` takes the keys as they are, and makes `EdDSA` ones.
    pub token_algorithm: Option<Algorithm>,
    pub is_production: bool,
    pub log_filter: String,
    pub leptos: LeptosOptions,
    pub settings: Settings,
    pub patience: Patience,
    needs_data_dir: bool,
    /// The origin follows the address that was really taken, unless one was configured.
    has_own_origin: bool,
}

/// Where the database is, often with a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that is wrong, missing or unknown.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::parse(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// Completes what depends on the port that was really taken.
    pub fn listening_on(&mut self, address: SocketAddr) {
        self.address = address;
        if !self.has_own_origin {
            self.settings.origin = local_origin(address);
        }
    }

    /// Makes the directory for the database and the keys, for its owner only, if one of them is kept there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_data_dir(&self) -> std::io::Result<()> {
        if !self.needs_data_dir {
            return Ok(());
        }
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.data_dir)
    }

    /// The configuration that `variables` describe.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn parse(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let variables = parse::Variables::new(variables)?;
        let is_production = variables.environment()? == Env::PROD;
        if is_production {
            variables.require(&["TWOFOLD_ORIGIN", "TWOFOLD_DATABASE_URL"])?;
            variables.require_keys()?;
        }
        let address = variables.address("LEPTOS_SITE_ADDR", ([127, 0, 0, 1], 3000))?;
        let data_dir = PathBuf::from(variables.text("TWOFOLD_DATA_DIR").unwrap_or("data"));
        let origin = variables.origin(is_production)?;
        let origin_or_local = origin.clone().unwrap_or_else(|| local_origin(address));
        let mail = variables.mail(&origin_or_local, &data_dir, is_production)?;
        Ok(Self {
            database_url: DatabaseUrl(variables.text("TWOFOLD_DATABASE_URL").map_or_else(
                || format!("sqlite:{}", data_dir.join("twofold.db").display()),
                str::to_owned,
            )),
            keys: variables.keys(&data_dir),
            token_algorithm: variables.token_algorithm()?,
            is_production,
            log_filter: variables.log_filter()?,
            leptos: variables.leptos_options(address, is_production),
            settings: Settings {
                origin: origin_or_local,
                cookies: variables.cookies(is_production)?,
                least_password_length: variables.password_length()?,
                recipe: variables.recipe()?,
                breach_range: variables.breach_range()?,
                lifetimes: variables.lifetimes()?,
                most_sign_ins: variables.most_sign_ins()?,
                binds_tokens: variables.binds_tokens()?,
                limits: variables.limits()?,
                trusted_proxies: variables.trusted_proxies()?,
                confirms_addresses: variables.confirms_addresses(mail.as_ref())?,
                mail,
                live_reload: variables.text("LEPTOS_WATCH").is_some(),
            },
            patience: variables.patience(is_production)?,
            needs_data_dir: variables.text("TWOFOLD_DATABASE_URL").is_none()
                || variables.keys_are_in_data_dir(),
            has_own_origin: origin.is_some(),
            address,
            data_dir,
        })
    }
}

fn local_origin(address: SocketAddr) -> String {
    format!("http://localhost:{}", address.port())
}
