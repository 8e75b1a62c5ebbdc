//! The variables about mail: which server takes it, who it is from, and whether addresses are confirmed by it.

use std::path::Path;

use app::server::mail::carrier::{MailSettings, Route};
use axum::http::Uri;

use super::parse::{ConfigError, Variables, invalid};

/// A password may be in it, and errors are printed.
const NOT_SHOWN: &str = "…";

impl Variables {
    /// By default into a folder in development and nowhere in production: mail that nobody reads must not pass for sent.
    pub(super) fn mail(
        &self,
        origin: &str,
        data_dir: &Path,
        is_production: bool,
    ) -> Result<Option<MailSettings>, ConfigError> {
        const NAME: &str = "TWOFOLD_MAIL_URL";
        const EXPECTED: &str = "off, folder:<path>, smtps://<user>:<password>@<host>, or smtp:// with ?tls=required or a host on this machine";
        let route = match self.text(NAME) {
            None if is_production => return Ok(None),
            Some("off") => return Ok(None),
            None => Route::Folder(data_dir.join("mails")),
            Some(value) => match value.strip_prefix("folder:") {
                Some("") => return invalid(NAME, value, EXPECTED),
                Some(path) => Route::Folder(path.into()),
                None if is_safe(value) => Route::Smtp(value.to_owned()),
                None => return invalid(NAME, NOT_SHOWN, EXPECTED),
            },
        };
        let from = self.text("TWOFOLD_MAIL_FROM").map_or_else(
            || format!("Twofold <no-reply@{}>", host_of(origin)),
            str::to_owned,
        );
        Ok(Some(MailSettings { route, from }))
    }

    /// Where mails are really sent, unless something else is said.
    pub(super) fn confirms_addresses(
        &self,
        mail: Option<&MailSettings>,
    ) -> Result<bool, ConfigError> {
        const NAME: &str = "TWOFOLD_CONFIRM_ADDRESSES";
        match (self.text(NAME), mail) {
            (None, Some(mail)) => Ok(matches!(mail.route, Route::Smtp(_))),
            (None | Some("off"), _) => Ok(false),
            (Some("on"), Some(_)) => Ok(true),
            (Some(value), _) => invalid(NAME, value, "off, or, with a TWOFOLD_MAIL_URL, on"),
        }
    }
}

/// Whether nobody on the way can read the password and the links: TLS, or no way at all.
fn is_safe(value: &str) -> bool {
    let Ok(uri) = value.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match uri.scheme_str() {
        Some("smtps") => !host.is_empty(),
        Some("smtp") => !host.is_empty() && (is_here || uri.query() == Some("tls=required")),
        _ => false,
    }
}

/// Without the port: what stands behind the `@`.
pub fn host_of(origin: &str) -> &str {
    let host = origin.split("://").last().unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}
