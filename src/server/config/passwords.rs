//! The variables about passwords: how long they are, and how they are hashed.

use app::server::password_hash::{Peppers, Recipe};

use axum::http::Uri;

use super::parse::{ConfigError, Variables, invalid};

/// Fewer characters can be guessed (NIST SP 800-63B-4 §3.1.1.2).
const LEAST_PASSWORD_LENGTH: usize = 8;
const MOST_PASSWORD_LENGTH: usize = 64;
const DEFAULT_PASSWORD_LENGTH: usize = 12;

/// Have I Been Pwned's passwords, which need no account.
const PWNED_PASSWORDS: &str = "https://api.pwnedpasswords.com/range/";

impl Variables {
    pub(super) fn password_length(&self) -> Result<usize, ConfigError> {
        let length = self.number(
            "TWOFOLD_PASSWORD_MIN_LENGTH",
            LEAST_PASSWORD_LENGTH..=MOST_PASSWORD_LENGTH,
            "a number of characters from 8 to 64",
        )?;
        Ok(length.unwrap_or(DEFAULT_PASSWORD_LENGTH))
    }

    /// Never weaker than OWASP's password storage cheat sheet, in development either (PW-01).
    pub(super) fn recipe(&self) -> Result<Recipe, ConfigError> {
        const MEMORY: &str = "TWOFOLD_ARGON2_MEMORY_KIB";
        const PASSES: &str = "TWOFOLD_ARGON2_PASSES";
        let memory = self.number(MEMORY, 7_168..=1_048_576, "KiB from 7168 to 1048576")?;
        let passes = self.number(PASSES, 1..=20, "a number of passes from 1 to 20")?;
        let default = Recipe::default();
        let recipe = Recipe {
            memory_kib: memory.unwrap_or(default.memory_kib),
            passes: passes.unwrap_or(default.passes),
            peppers: self.peppers()?,
        };
        if recipe.is_enough() {
            return Ok(recipe);
        }
        let name = if memory.is_some() { MEMORY } else { PASSES };
        invalid(
            name,
            self.text(name).unwrap_or_default(),
            "no weaker than 47104 KiB and 1 pass, 19456 and 2, 12288 and 3, 9216 and 4 or 7168 and 5",
        )
    }

    /// Off unless it is asked for: it tells another server that somebody chooses a password here, and when (PW-09).
    pub(super) fn breach_range(&self) -> Result<Option<String>, ConfigError> {
        const NAME: &str = "TWOFOLD_BREACH_CHECK";
        match self.text(NAME) {
            None | Some("off") => Ok(None),
            Some("on") => Ok(Some(PWNED_PASSWORDS.to_owned())),
            Some(value) if is_range(value) => Ok(Some(value.to_owned())),
            Some(value) => invalid(
                NAME,
                value,
                "off, on, or the http(s):// address of a range service, with a final slash",
            ),
        }
    }

    fn peppers(&self) -> Result<Peppers, ConfigError> {
        const NAME: &str = "TWOFOLD_PEPPER_FILE";
        let Some(path) = self.text(NAME) else {
            return Ok(Peppers::default());
        };
        let text = std::fs::read_to_string(path).ok();
        text.and_then(|text| Peppers::parse(&text)).map_or_else(
            || {
                invalid(
                    NAME,
                    path,
                    "a file that can be read, with lines of an id and 32 bytes or more in base64url",
                )
            },
            Ok,
        )
    }
}

/// An address to which digits can be appended.
fn is_range(value: &str) -> bool {
    let Ok(uri) = value.parse::<Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.query().is_none()
        && value.ends_with('/')
}
