//! What is sent for a pair of tokens, in both encodings, and what of it is taken. None of it can be printed.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::domain::email::Email;
use crate::domain::password::Password;
use crate::domain::sign_in::Keep;
use crate::error::AppError;
use crate::server::accounts::Credentials;
use crate::server::json_api::body::Sent;
use crate::server::json_api::problem::{Kind, Problem};

/// An address and its password. `grant_type` may be left out, because the path says it already.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordGrant {
    #[serde(default, deserialize_with = "text")]
    #[schema(pattern = "^password$", nullable = false, value_type = String)]
    grant_type: Option<String>,
    /// The email address of the account.
    #[serde(default)]
    #[schema(required, format = "email", min_length = 3, max_length = 254)]
    username: String,
    /// At most 1024 bytes; every one of them counts.
    #[serde(default)]
    #[schema(required, format = "password", min_length = 1, max_length = 1024)]
    password: String,
    /// Whether the sign-in should outlast half a day without use.
    #[serde(default)]
    keep: bool,
    #[serde(skip)]
    has_scope: bool,
}

/// The same as RFC 6749 section 4.3.2 has it. Parameters that are not listed are ignored.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    #[schema(required, pattern = "^password$")]
    grant_type: String,
    /// The email address of the account.
    #[serde(default)]
    #[schema(required, format = "email", min_length = 3, max_length = 254)]
    username: String,
    /// At most 1024 bytes; every one of them counts.
    #[serde(default)]
    #[schema(required, format = "password", min_length = 1, max_length = 1024)]
    password: String,
    #[serde(default)]
    keep: Flag,
    /// There are none: leave it out.
    #[serde(default)]
    #[schema(max_length = 0)]
    scope: String,
}

/// A refresh token. `grant_type` may be left out, because the path says it already.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshGrant {
    #[serde(default, deserialize_with = "text")]
    #[schema(pattern = "^refresh_token$", nullable = false, value_type = String)]
    grant_type: Option<String>,
    /// As it was handed out last.
    #[serde(default)]
    #[schema(required, min_length = 1)]
    refresh_token: String,
    #[serde(skip)]
    has_scope: bool,
}

/// The same as RFC 6749 section 6 has it. Parameters that are not listed are ignored.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshForm {
    #[serde(default)]
    #[schema(required, pattern = "^refresh_token$")]
    grant_type: String,
    /// As it was handed out last.
    #[serde(default)]
    #[schema(required, min_length = 1)]
    refresh_token: String,
    /// There are none: leave it out.
    #[serde(default)]
    #[schema(max_length = 0)]
    scope: String,
}

/// A truth value in a form.
#[derive(Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Flag {
    True,
    #[default]
    False,
}

impl PasswordGrant {
    /// # Errors
    /// The first of: another grant type, a scope, no address, no password.
    pub(crate) fn check(self) -> Result<(Credentials, Keep), Problem> {
        check_grant("password", self.grant_type.as_deref(), self.has_scope)?;
        let email = Email::parse(&self.username).map_err(AppError::from)?;
        let password = Password::parse(self.password).map_err(AppError::from)?;
        Ok((
            Credentials { email, password },
            Keep::from_choice(self.keep),
        ))
    }
}

impl RefreshGrant {
    /// # Errors
    /// The first of: another grant type, a scope, no refresh token.
    pub(crate) fn check(self) -> Result<String, Problem> {
        check_grant("refresh_token", self.grant_type.as_deref(), self.has_scope)?;
        if self.refresh_token.is_empty() {
            return Err(Problem::new(Kind::InvalidRequest, Self::EXPECTED));
        }
        Ok(self.refresh_token)
    }
}

fn check_grant(wanted: &str, given: Option<&str>, has_scope: bool) -> Result<(), Problem> {
    match given {
        Some("") => Err(Problem::new(
            Kind::InvalidRequest,
            "grant_type is empty, or a form does not have it.",
        )),
        Some(given) if given != wanted => Err(Kind::UnsupportedGrantType.into()),
        _ if has_scope => Err(Kind::InvalidScope.into()),
        _ => Ok(()),
    }
}

/// A member that may be left out, but not be `null`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl Sent for PasswordGrant {
    type Form = PasswordForm;
    const EXPECTED: &'static str = "Send one JSON object, or a form with grant_type=password, with the texts username and \
                                    password and, if you like, keep as true or false; each once, and in JSON nothing else.";
}

impl Sent for RefreshGrant {
    type Form = RefreshForm;
    const EXPECTED: &'static str = "Send one JSON object, or a form with grant_type=refresh_token, with the text \
                                    refresh_token; each once, and in JSON nothing else.";
}

impl From<PasswordForm> for PasswordGrant {
    fn from(form: PasswordForm) -> Self {
        Self {
            grant_type: Some(form.grant_type),
            username: form.username,
            password: form.password,
            keep: form.keep == Flag::True,
            has_scope: !form.scope.is_empty(),
        }
    }
}

impl From<RefreshForm> for RefreshGrant {
    fn from(form: RefreshForm) -> Self {
        Self {
            grant_type: Some(form.grant_type),
            refresh_token: form.refresh_token,
            has_scope: !form.scope.is_empty(),
        }
    }
}
