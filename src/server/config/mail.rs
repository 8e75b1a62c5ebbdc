//! The variables about mail: which server takes it, who it is from, and whether addresses are confirmed by it.

use std::net::Ipv4Addr;
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

/// What stands behind the `@`: the host without its port, or `localhost` for one without a name.
pub fn host_of(origin: &str) -> &str {
    let host = origin.split("://").last().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    if name.starts_with('[') || name.parse::<Ipv4Addr>().is_ok() {
        return "localhost";
    }
    name
}

#[cfg(test)]
mod tests {
    use app::server::mail::carrier::Route;

    use super::super::Config;
    use super::super::parse::ConfigError;
    use super::host_of;

    const URL: &str = "TWOFOLD_MAIL_URL";

    fn parse(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::parse(
            variables
                .iter()
                .map(|&(name, value)| (name.into(), value.into())),
        )
    }

    #[test]
    fn a_mail_server_is_spoken_to_over_tls_or_is_on_this_machine() {
        for safe in [
            "smtps://user:secret@mail.example.com",
            "smtp://user:secret@mail.example.com:587?tls=required",
            "smtp://localhost:2525",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
        ] {
            let settings = parse(&[(URL, safe)]).unwrap().settings;
            assert!(settings.confirms_addresses, "{safe}");
            assert!(!format!("{settings:?}").contains("secret"), "{safe}");
        }
        for unsafe_or_none in [
            "smtp://user:secret@mail.example.com",
            "smtp://user:secret@mail.example.com?tls=opportunistic",
            "smtp://user:secret@localhost.example.com",
            "smtps://",
            "http://user:secret@mail.example.com",
            "secret",
            "folder:",
        ] {
            let message = parse(&[(URL, unsafe_or_none)]).unwrap_err().to_string();
            assert!(message.contains(URL), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn by_default_mail_goes_into_a_folder_and_in_production_nowhere() {
        let development = parse(&[]).unwrap().settings;
        let off = parse(&[(URL, "off")]).unwrap().settings;
        let production = [
            ("TWOFOLD_ENV", "production"),
            ("TWOFOLD_ORIGIN", "https://app.example.com"),
            ("TWOFOLD_DATABASE_URL", "sqlite:/var/lib/twofold/db"),
            ("TWOFOLD_KEYS_DIR", "/etc/twofold/keys"),
        ];
        let production = parse(&production).unwrap().settings;

        let mail = development.mail.unwrap();
        assert!(matches!(mail.route, Route::Folder(path) if path.ends_with("data/mails")));
        assert_eq!(mail.from, "Twofold <no-reply@localhost>");
        assert!(!development.confirms_addresses);
        assert!(off.mail.is_none() && production.mail.is_none());
    }

    #[test]
    fn addresses_are_confirmed_only_where_there_is_mail() {
        let confirms = |value, url| {
            parse(&[("TWOFOLD_CONFIRM_ADDRESSES", value), (URL, url)])
                .map(|config| config.settings.confirms_addresses)
        };

        assert_eq!(confirms("on", "folder:x"), Ok(true));
        assert_eq!(confirms("off", "smtps://mail.example.com"), Ok(false));
        assert!(confirms("on", "off").is_err());
        assert!(confirms("yes", "folder:x").is_err());
    }

    #[test]
    fn the_host_of_an_origin_has_no_port_and_a_name() {
        assert_eq!(host_of("https://app.example.com"), "app.example.com");
        assert_eq!(host_of("http://localhost:3000"), "localhost");
        for address in ["http://[::1]:3000", "http://[::1]", "http://127.0.0.1:80"] {
            assert_eq!(host_of(address), "localhost", "{address}");
        }
    }
}
