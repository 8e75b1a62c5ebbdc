//! What somebody asks the weak server, who believes all of it.

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use serde_json::Value;

use crate::forge::{decode, part};

pub struct Asking {
    pub method: Method,
    pub path: String,
    /// Of the query and of the body, whatever that says it is.
    fields: Vec<(String, String)>,
    parts: Parts,
    /// The whole request, for an echo.
    pub everything: String,
}

impl Asking {
    pub fn of(parts: Parts, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let query = parts.uri.query().unwrap_or_default();
        let mut fields = form(query);
        match serde_json::from_str::<Value>(&body) {
            Ok(Value::Object(members)) => fields.extend(members.iter().map(|(name, value)| {
                (name.clone(), value.as_str().unwrap_or_default().to_owned())
            })),
            _ => fields.extend(form(&body)),
        }
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            fields,
            everything: format!("{parts:?} {body}"),
            parts,
        }
    }

    pub fn field(&self, name: &str) -> Option<String> {
        let found = self.fields.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.clone())
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.parts.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    pub fn wants_page(&self) -> bool {
        self.header("accept")
            .is_some_and(|accept| accept.contains("text/html"))
    }

    /// The value of the first cookie whose name ends like this.
    pub fn cookie_like(&self, ending: &str) -> Option<String> {
        let found = self.cookies().find(|(name, _)| name.ends_with(ending));
        found.map(|(_, value)| value)
    }

    fn cookies(&self) -> impl Iterator<Item = (String, String)> {
        let all = self.parts.headers.get_all(COOKIE).into_iter();
        let all: Vec<_> = all
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let pairs: Vec<_> = all
            .iter()
            .flat_map(|all| all.split("; "))
            .map(str::to_owned)
            .collect();
        pairs.into_iter().filter_map(|pair| {
            let (name, value) = pair.rsplit_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
    }

    /// By any cookie, any token, and anything in the address.
    pub fn who(&self) -> Option<String> {
        if let Some(authorization) = self.header(AUTHORIZATION.as_str()) {
            let claims = part(authorization.rsplit(' ').next()?, 1);
            return Some(claims["sub"].as_str().unwrap_or("whoever").to_owned());
        }
        let in_cookie = self.cookies().find(|(_, value)| !value.is_empty());
        let in_address = self
            .fields
            .iter()
            .find(|(name, _)| name.contains("session"));
        let secret = in_cookie.map(|(_, value)| value);
        let secret = secret.or_else(|| in_address.map(|(_, value)| value.clone()))?;
        let email = String::from_utf8(decode(&secret)).ok();
        let email = email.filter(|email| email.contains('@'));
        Some(email.unwrap_or_else(|| "whoever@weak.example".to_owned()))
    }

    /// The nonce in the proof of possession, if there is a proof; nothing else of it is looked at.
    pub fn proof_nonce(&self) -> Option<String> {
        let proof = self.header("dpop")?;
        Some(
            part(&proof, 1)["nonce"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    }
}

fn form(text: &str) -> Vec<(String, String)> {
    let Ok(url) = Url::parse("http://weak.example/") else {
        return Vec::new();
    };
    let mut url = url;
    url.set_query(Some(text));
    let pairs = url.query_pairs();
    pairs
        .map(|(name, value)| {
            (
                name.into_owned(),
                percent_decode_str(&value).decode_utf8_lossy().into_owned(),
            )
        })
        .collect()
}
