//! What a client sends: a JSON object, or a form as OAuth clients send it, of a bounded size, into one type.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, MapDeserializer};
use serde_json::Value;

use super::problem::{Kind, Problem};
use crate::error::AppError;
use crate::server::forms::{has_too_many_fields, read_body};

/// The same request in its two encodings. JSON takes the members it knows and no other, so that a typing mistake shows;
/// a form ignores what it does not know, because RFC 6749 §3.2 wants it.
pub(super) trait Sent: DeserializeOwned {
    type Form: DeserializeOwned + Into<Self>;
    /// What to say about a body that is something else.
    const EXPECTED: &'static str;
}

/// Reads a body.
///
/// # Errors
/// 415 for any other content type, 413 above 64 KB, 400 with [`Sent::EXPECTED`]; the parser's own words stay here.
pub(super) async fn read<T: Sent>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let parse = match essence(headers).as_deref() {
        Some("application/json") => parse_json::<T>,
        Some("application/x-www-form-urlencoded") => parse_form::<T>,
        _ => return Err(Kind::UnsupportedMediaType.into()),
    };
    let bytes = read_body(body).await.map_err(|error| match error {
        AppError::Malformed => Problem::new(Kind::InvalidRequest, T::EXPECTED),
        error => error.into(),
    })?;
    parse(&bytes).ok_or(Problem::new(Kind::InvalidRequest, T::EXPECTED))
}

/// The type without its parameters. Of two headers neither counts.
fn essence(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let essence = value.to_str().ok()?.split(';').next()?;
    Some(essence.trim().to_ascii_lowercase())
}

/// No member may stand twice, at any depth: which of the two counts would be anybody's guess.
fn parse_json<T: Sent>(bytes: &[u8]) -> Option<T> {
    let members = jws::json::members(bytes)?;
    serde_json::from_value(Value::Object(members)).ok()
}

/// A parameter without a value counts as left out, and none may stand twice (RFC 6749 §3.2).
fn parse_form<T: Sent>(bytes: &[u8]) -> Option<T> {
    if has_too_many_fields(bytes) {
        return None;
    }
    let given =
        form_urlencoded::parse(bytes).filter(|(_, value): &(_, Cow<'_, str>)| !value.is_empty());
    let form = T::Form::deserialize(MapDeserializer::<_, Error>::new(given));
    form.ok().map(Into::into)
}
