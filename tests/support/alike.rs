//! What two refusals have in common that are to look alike: all but the reference, which has the same form in each.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;

use super::Answer;

const ANY: &str = "any-reference";

impl Answer {
    /// All that an answer tells: of two that are to look alike, this is the same.
    pub fn told(&self) -> (StatusCode, Vec<String>, String) {
        let headers = self.headers_of_any_reference();
        (self.status, headers, self.body_of_any_reference())
    }

    pub fn body_of_any_reference(&self) -> String {
        without_reference(&self.body, self.header("x-request-id"))
    }

    /// Sorted, and without the date.
    pub fn headers_of_any_reference(&self) -> Vec<String> {
        let id = self.header("x-request-id");
        let headers = self.headers.iter().filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            format!("{name}: {}", without_reference(&opened(&value), id))
        });
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        headers
    }
}

/// Only a reference of the form that every other has.
fn without_reference(text: &str, id: &str) -> String {
    match id.len() {
        36 => text.replace(id, ANY),
        _ => text.to_owned(),
    }
}

/// With the cookie that holds the reason readable.
fn opened(value: &str) -> String {
    let open = || {
        let (before, rest) = value.split_once("flash=")?;
        let (cookie, rest) = rest.split_once(';')?;
        let reason = String::from_utf8(URL_SAFE_NO_PAD.decode(cookie).ok()?).ok()?;
        Some(format!("{before}flash={reason};{rest}"))
    };
    open().unwrap_or_else(|| value.to_owned())
}
