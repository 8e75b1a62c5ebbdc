//! Whether a password is known from a breach of some other site (PW-09), by a service that never learns which one was meant: the
//! first five digits of its SHA-1 go out, some thousand suffixes come back, and the comparison happens here (k-anonymity,
//! the range API of Have I Been Pwned). It is a help and no gate: without an answer the password is taken.

use std::time::Duration;

use axum::http::uri::{Scheme, Uri};
use axum::http::{Request, header};
use bytes::Bytes;
use http_body_util::Empty;
use sha1::{Digest, Sha1};

use super::http_client::{Bounds, CallError, HttpClient};
use crate::domain::password::{NewPassword, PasswordError};

/// A range has about 40 bytes for each of its suffixes, one or two thousand of them. Whoever signs up waits two seconds at
/// most, and the hash of the password takes a part of them.
const BOUNDS: Bounds = Bounds {
    within: Duration::from_millis(1200),
    most_bytes: 512 * 1024,
};
const DIGITS_SENT: usize = 5;
const DIGITS: usize = 40;

/// The service, if one is asked; cheap to clone.
#[derive(Clone, Debug)]
pub struct Breaches(Option<Service>);

#[derive(Clone, Debug)]
struct Service {
    client: HttpClient,
    range: String,
}

#[derive(Debug, thiserror::Error)]
enum RangeError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("an address that cannot be asked")]
    Address(#[from] axum::http::Error),
    #[error("an answer that is no range")]
    NoRange,
}

impl Breaches {
    /// `range` is the address to which the five digits are appended; without one, no password is known.
    ///
    /// # Errors
    /// When this machine trusts no authority, so that nobody could be asked over TLS.
    pub fn new(range: Option<&str>) -> std::io::Result<Self> {
        let service = range.map(|range| {
            let client = if range
                .parse::<Uri>()
                .is_ok_and(|range| range.scheme() == Some(&Scheme::HTTP))
            {
                HttpClient::plain()?
            } else {
                HttpClient::over_tls()?
            };
            let range = range.to_owned();
            Ok::<_, std::io::Error>(Service { client, range })
        });
        Ok(Self(service.transpose()?))
    }

    /// # Errors
    /// [`PasswordError::Breached`]. Whatever goes wrong with the service is a line in the log.
    pub async fn check(&self, password: &NewPassword) -> Result<(), PasswordError> {
        let Some(service) = &self.0 else {
            return Ok(());
        };
        match service.count(password).await {
            Ok(0) => Ok(()),
            Ok(_) => Err(PasswordError::Breached),
            Err(error) => {
                tracing::warn!(%error, "a new password was not looked for in known breaches");
                Ok(())
            }
        }
    }
}

impl Service {
    /// How often the password was met.
    async fn count(&self, password: &NewPassword) -> Result<u64, RangeError> {
        let digest = Sha1::digest(password.as_password().as_bytes());
        let digits = format!("{digest:X}");
        let (sent, kept) = digits.split_at(DIGITS_SENT);
        let request = Request::get(format!("{}{sent}", self.range))
            .header(header::USER_AGENT, "twofold")
            // The length of the answer then does not tell which range it was.
            .header("add-padding", "true")
            .body(Empty::<Bytes>::new())?;
        let range = self.client.fetch(request, BOUNDS).await?;
        let range = std::str::from_utf8(&range).map_err(|_| RangeError::NoRange)?;
        count_in(range, kept).ok_or(RangeError::NoRange)
    }
}

/// The count beside `suffix`; none beside padding is more than 0. Nothing, if this is not a range: there is no empty one.
fn count_in(range: &str, suffix: &str) -> Option<u64> {
    let mut found = None;
    for line in range.lines() {
        let (listed, count) = line.split_once(':')?;
        let count: u64 = count.parse().ok()?;
        let is_suffix = listed.len() == DIGITS - DIGITS_SENT
            && listed.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_suffix {
            return None;
        }
        let counted = if listed.eq_ignore_ascii_case(suffix) {
            count
        } else {
            0
        };
        found = Some(found.unwrap_or(0).max(counted));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::count_in;

    const SUFFIX: &str = "0018A45C4D1DEF81644B54AB7F969B88D65";
    const OTHER: &str = "00D4F6E8FA6EECAD2A3AA415EEC418D38EC";

    #[test]
    fn the_count_is_the_one_beside_the_suffix() {
        let range = format!("{OTHER}:7\r\n{SUFFIX}:12\r\n");

        assert_eq!(count_in(&range, SUFFIX), Some(12));
        assert_eq!(count_in(&range.to_lowercase(), SUFFIX), Some(12));
        assert_eq!(count_in(&format!("{OTHER}:7"), SUFFIX), Some(0));
        assert_eq!(count_in(&format!("{SUFFIX}:0\n{OTHER}:7"), SUFFIX), Some(0));
    }

    #[test]
    fn what_is_no_range_counts_nothing() {
        let cut = format!("{OTHER}:7\r\n{SUFFIX}");
        let negative = format!("{SUFFIX}:-1");
        let page = format!("<html>\n{SUFFIX}:3");
        let short = format!("{}:3", &SUFFIX[1..]);
        for text in ["", "\n", ":", &cut, &negative, &page, &short] {
            assert_eq!(count_in(text, SUFFIX), None, "{text:?}");
        }
    }
}
