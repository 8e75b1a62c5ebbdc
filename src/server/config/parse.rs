//! The variables one by one: what each may be, and what is wrong with it otherwise.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use app::server::settings::CookieSecurity;
use axum::http::uri::Authority;
use leptos::config::{Env, LeptosOptions};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use super::known::KNOWN;

/// Where `cargo leptos build` puts the site, seen from the checkout.
const SITE_ROOT: &str = "target/site";

/// What is wrong with the configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not a variable of twofold; see .env.example")]
    Unknown(String),
    #[error("{0} must be set in production")]
    Missing(&'static str),
    #[error("{name} is {value:?}, but must be {expected}")]
    Invalid {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
}

pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    pub(super) fn new(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let variables: HashMap<_, _> = variables.into_iter().collect();
        let unknown = variables
            .keys()
            .filter(|name| name.starts_with("TWOFOLD_") && !KNOWN.contains(&name.as_str()))
            .min();
        match unknown {
            Some(name) => Err(ConfigError::Unknown(name.clone())),
            None => Ok(Self(variables)),
        }
    }

    /// The variable's value, unless it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, names: &[&'static str]) -> Result<(), ConfigError> {
        let missing = names.iter().find(|name| self.text(name).is_none());
        missing.map_or(Ok(()), |name| Err(ConfigError::Missing(name)))
    }

    pub(super) fn environment(&self) -> Result<Env, ConfigError> {
        match self.text("TWOFOLD_ENV") {
            None | Some("development") => Ok(Env::DEV),
            Some("production") => Ok(Env::PROD),
            Some(value) => invalid("TWOFOLD_ENV", value, "development or production"),
        }
    }

    pub(super) fn address(
        &self,
        name: &'static str,
        default: ([u8; 4], u16),
    ) -> Result<SocketAddr, ConfigError> {
        let Some(value) = self.text(name) else {
            return Ok(SocketAddr::from(default));
        };
        value
            .parse()
            .or_else(|_| invalid(name, value, "an address and a port like 127.0.0.1:3000"))
    }

    /// A scheme and a host, as browsers write it in the `Origin` header (RFC 6454 §6.2).
    pub(super) fn origin(&self, is_production: bool) -> Result<Option<String>, ConfigError> {
        const EXPECTED: &str = "an origin like https://app.example.com, in lower case and without a path or a default port";
        let Some(value) = self.text("TWOFOLD_ORIGIN") else {
            return Ok(None);
        };
        let host = match value.strip_prefix("https://") {
            Some(host) => host,
            None if is_production => {
                return invalid("TWOFOLD_ORIGIN", value, "an https:// origin in production");
            }
            None => value.strip_prefix("http://").unwrap_or_default(),
        };
        let default_port = if value.starts_with("https:") { 443 } else { 80 };
        if !is_authority(host, default_port) {
            return invalid("TWOFOLD_ORIGIN", value, EXPECTED);
        }
        Ok(Some(value.to_owned()))
    }

    /// Read already here, where what is wrong with it can be told: afterwards there is no log to tell it in.
    pub(super) fn log_filter(&self) -> Result<String, ConfigError> {
        const DEFAULT: &str = "info,sqlx=warn,tower_sessions_core=error";
        const EXPECTED: &str = "a level, or levels by module: info,sqlx=warn";
        const OURS: [&str; 3] = ["twofold", "app", "jws"];
        let value = self.text("RUST_LOG").unwrap_or(DEFAULT);
        // A misspelt level is the name of a module, and that alone would silence every other.
        let is_meant = |part: &str| {
            let module = part.split("::").next().unwrap_or_default();
            part.contains(['=', '['])
                || part.parse::<LevelFilter>().is_ok()
                || OURS.contains(&module)
        };
        let is_filter = EnvFilter::try_new(value).is_ok();
        if !is_filter || !value.split(',').any(|part| is_meant(part.trim())) {
            return invalid("RUST_LOG", value, EXPECTED);
        }
        Ok(value.to_owned())
    }

    pub(super) fn cookies(&self, is_production: bool) -> Result<CookieSecurity, ConfigError> {
        match self.text("TWOFOLD_COOKIES") {
            None | Some("secure") => Ok(CookieSecurity::Full),
            Some("plain") if !is_production => Ok(CookieSecurity::PlainForDevelopment),
            Some(value) => invalid(
                "TWOFOLD_COOKIES",
                value,
                "secure (or, in development, plain)",
            ),
        }
    }

    /// A whole number within `range`, if the variable is set.
    pub(super) fn number<N: FromStr + PartialOrd>(
        &self,
        name: &'static str,
        range: RangeInclusive<N>,
        expected: &'static str,
    ) -> Result<Option<N>, ConfigError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        match value.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => invalid(name, value, expected),
        }
    }

    pub(super) fn leptos_options(&self, address: SocketAddr, is_production: bool) -> LeptosOptions {
        let port = |name| self.text(name).and_then(|value| value.parse().ok());
        LeptosOptions::builder()
            .output_name(
                self.text("LEPTOS_OUTPUT_NAME")
                    .unwrap_or("twofold")
                    .to_owned(),
            )
            .site_root(
                self.text("LEPTOS_SITE_ROOT")
                    .unwrap_or(SITE_ROOT)
                    .to_owned(),
            )
            .site_addr(address)
            .reload_port(port("LEPTOS_RELOAD_PORT").unwrap_or(3001))
            .env(if is_production { Env::PROD } else { Env::DEV })
            .build()
    }
}

/// A host name or address with an optional port, which browsers leave out when it is the scheme's own.
fn is_authority(text: &str, default_port: u16) -> bool {
    let Ok(authority) = text.parse::<Authority>() else {
        return false;
    };
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b);
    let canonical = match authority.port_u16() {
        Some(port) => format!("{}:{port}", authority.host()),
        None => authority.host().to_owned(),
    };
    text == canonical
        && text.bytes().all(is_plain)
        && authority.host().split('.').all(|label| !label.is_empty())
        && ![Some(0), Some(default_port)].contains(&authority.port_u16())
}

pub(super) fn invalid<T>(
    name: &'static str,
    value: &str,
    expected: &'static str,
) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid {
        name,
        value: value.to_owned(),
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::ConfigError;

    fn parse(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::parse(
            variables
                .iter()
                .map(|&(name, value)| (name.into(), value.into())),
        )
    }

    #[test]
    fn nothing_needs_to_be_configured_in_development() {
        let config = parse(&[]).unwrap();

        assert_eq!(config.settings.origin, "http://localhost:3000");
        assert_eq!(config.database_url.reveal(), "sqlite:data/twofold.db");
        assert_eq!(config.settings.least_password_length, 12);
    }

    #[test]
    fn a_refused_start_names_the_variable() {
        let refused = [
            ("TWOFOLD_ORIGN", "https://a.example"),
            ("TWOFOLD_ENV", "prod"),
            ("TWOFOLD_ORIGIN", "app.example.com"),
            ("TWOFOLD_ORIGIN", "https://app.example.com/"),
            ("TWOFOLD_ORIGIN", "https://app.example.com:443"),
            ("TWOFOLD_ORIGIN", "https://app.example.com:99999"),
            ("TWOFOLD_ORIGIN", "https://app.example.com:"),
            ("TWOFOLD_ORIGIN", "https://a..b"),
            ("TWOFOLD_ORIGIN", "https://:"),
            ("TWOFOLD_ORIGIN", "http://localhost:80"),
            ("TWOFOLD_PASSWORD_MIN_LENGTH", "7"),
            ("TWOFOLD_PASSWORD_MIN_LENGTH", "many"),
            ("TWOFOLD_ARGON2_MEMORY_KIB", "19455"),
            ("TWOFOLD_ARGON2_PASSES", "1"),
            ("TWOFOLD_PEPPER_FILE", "/nowhere"),
            ("TWOFOLD_BREACH_CHECK", "yes"),
            ("TWOFOLD_BREACH_CHECK", "ftp://mirror.example/range/"),
            ("TWOFOLD_BREACH_CHECK", "https://mirror.example/range"),
            ("TWOFOLD_BREACH_CHECK", "https://mirror.example/?range="),
            ("TWOFOLD_COOKIES", "none"),
            ("TWOFOLD_KEEP_ENDED_DAYS", "-1"),
            ("TWOFOLD_KEEP_ENDED_DAYS", "99999999999999999999"),
            ("TWOFOLD_AUDIT_DAYS", "0"),
            ("TWOFOLD_AUDIT_DAYS", "3651"),
            ("TWOFOLD_TOKEN_ALG", "HS256"),
            ("TWOFOLD_TOKEN_ALG", "none"),
            ("TWOFOLD_CONFIRM_MINUTES", "0"),
            ("TWOFOLD_IDLE_MINUTES", "4"),
            ("TWOFOLD_IDLE_DAYS_KEPT", "0"),
            ("TWOFOLD_SIGN_IN_DAYS", "401"),
            ("TWOFOLD_SIGN_INS_PER_PERSON", "0"),
            ("TWOFOLD_BIND_TOKENS", "yes"),
            ("TWOFOLD_GUESSES_PER_ACCOUNT", "101"),
            ("TWOFOLD_GUESSES_PER_ADDRESS", "0"),
            ("TWOFOLD_TRUSTED_PROXIES", "10.0.0.0/33"),
            ("LEPTOS_SITE_ADDR", "localhost"),
        ];

        for (name, value) in refused {
            let message = parse(&[(name, value)]).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn production_has_no_defaults_for_what_is_secret_or_public() {
        let complete = [
            ("TWOFOLD_ENV", "production"),
            ("TWOFOLD_ORIGIN", "https://app.example.com"),
            ("TWOFOLD_DATABASE_URL", "sqlite:/var/lib/twofold/db"),
            ("TWOFOLD_SIGNING_KEY_FILE", "/etc/twofold/key.pem"),
        ];

        assert!(parse(&complete).is_ok());
        for left_out in 1..complete.len() {
            let mut incomplete = complete.to_vec();
            let (name, _) = incomplete.remove(left_out);
            let message = parse(&incomplete).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.ends_with(" must be set in production"), "{message}");
        }
        let plain_http = [
            complete[0],
            ("TWOFOLD_ORIGIN", "http://a.example"),
            complete[2],
            complete[3],
        ];
        assert!(parse(&plain_http).is_err());
    }
}
