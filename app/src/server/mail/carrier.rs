//! How a mail leaves this server: to a mail server, over SMTP (RFC 5321), or into a folder, for development.

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message};
use lettre::transport::file;
use lettre::transport::smtp::{self, extension::ClientId};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;

use super::letters::Letter;
use crate::domain::email::Email;
use crate::server::secret::random_text;

/// For connecting to the mail server …
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// … and for all of it: no other node tries the same mail meanwhile. Some servers think long about what they will take, and would
/// get it again from whoever does not wait (RFC 5321 §4.5.3.2).
const WITHIN: Duration = Duration::from_secs(150);

/// Where mails go, and who they are from.
#[derive(Clone, Debug)]
pub struct MailSettings {
    pub route: Route,
    /// `name@example.com` or `Name <name@example.com>`.
    pub from: String,
}

#[derive(Clone)]
pub enum Route {
    /// `smtps://…` or `smtp://…`, often with a password in it.
    Smtp(String),
    Folder(PathBuf),
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(_) => f.write_str("Smtp(…)"),
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
        }
    }
}

/// Why mails cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("TWOFOLD_MAIL_URL: no mail server can be found in it: {0}")]
    Url(#[source] smtp::Error),
    #[error("TWOFOLD_MAIL_FROM is not an address like Name <name@example.com>: {0}")]
    From(#[source] AddressError),
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    #[error("the mail server did not take it")]
    Smtp(#[from] smtp::Error),
    #[error("the mail server did not take it within {WITHIN:?}")]
    TooSlow,
    #[error("it cannot be written")]
    Folder(#[from] file::Error),
    #[error("its folder cannot be made")]
    NoFolder(#[from] std::io::Error),
    #[error("it cannot be put together")]
    Message(#[from] lettre::error::Error),
    #[error("it has a line that is too long, or a character that is not ASCII")]
    NotPlain,
    #[error("it cannot be addressed")]
    Address(#[from] AddressError),
}

impl CarryError {
    /// Whether the server says that there is no such mailbox (RFC 3463 §3.2): trying again would only annoy it. Whatever else it says,
    /// and be it for good, may be a quota or a mistake in this server's settings, and right tomorrow.
    pub fn is_final(&self) -> bool {
        const NO_MAILBOX: [&str; 4] = [": 5.1.1", ": 5.1.2", ": 5.1.6", ": 5.1.10"];
        let Self::Smtp(error) = self else {
            return false;
        };
        let text = error.to_string();
        let says = |code: &str| text.split_once(code).map(|(_, rest)| rest);
        NO_MAILBOX
            .iter()
            .filter_map(|code| says(code))
            .any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Carrier {
    way: Way,
    from: Mailbox,
    name: String,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Way(…)")
    }
}

impl Carrier {
    /// Asks no server yet: one that is down now may be up when there is a mail. `name` is what this server calls itself.
    ///
    /// # Errors
    /// [`OpenError`] names the variable that is wrong.
    pub fn open(settings: &MailSettings, name: &str) -> Result<Self, OpenError> {
        let from = settings.from.parse().map_err(OpenError::From)?;
        let way = match &settings.route {
            Route::Folder(path) => Way::Folder(path.clone()),
            Route::Smtp(url) => Way::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(OpenError::Url)?
                    .hello_name(ClientId::Domain(name.to_owned()))
                    .timeout(Some(CONNECT_WITHIN))
                    .build(),
            ),
        };
        let name = name.to_owned();
        Ok(Self { way, from, name })
    }

    /// Hands a letter over; says where it is, if that is on this machine.
    ///
    /// # Errors
    /// [`CarryError`].
    pub(super) async fn carry(
        &self,
        to: &Email,
        letter: Letter,
    ) -> Result<Option<PathBuf>, CarryError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.as_str().parse()?))
            .subject(letter.subject)
            .header(AutoSubmitted)
            .message_id(Some(format!("<{}@{}>", random_text::<16>(), self.name)))
            .header(ContentType::TEXT_PLAIN)
            .body(as_it_is(&letter.text)?)?;
        match &self.way {
            Way::Smtp(transport) => match timeout(WITHIN, transport.send(message)).await {
                Ok(sent) => sent.map(|_| None).map_err(CarryError::from),
                Err(_) => Err(CarryError::TooSlow),
            },
            Way::Folder(path) => {
                // Links are in there.
                DirBuilder::new().recursive(true).mode(0o700).create(path)?;
                let transport = AsyncFileTransport::<Tokio1Executor>::new(path);
                let name = transport.send(message).await?;
                Ok(Some(path.join(format!("{name}.eml"))))
            }
        }
    }
}

/// So that a link is a link for whoever reads the mail as it is, and in development out of a file: by itself the library would break a
/// line after 76 characters, although mail may have 998 (RFC 5322 §2.1.1).
fn as_it_is(text: &str) -> Result<Body, CarryError> {
    let is_plain = text.is_ascii() && text.lines().all(|line| line.len() <= 998);
    let lines = text.replace('\n', "\r\n").into_bytes();
    is_plain
        .then(|| Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit))
        .ok_or(CarryError::NotPlain)
}

/// So that nobody's holiday notice answers (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
