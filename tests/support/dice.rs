//! Requests at random, out of what the server knows and what it does not. Each is whole: none waits for more.

use app::server::access::TABLE;
use fastrand::Rng;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use super::{Browser, EMAIL, PASSWORD};

/// What is thrown for one request.
pub struct Dice {
    rng: Rng,
    proofs: [String; 2],
}

impl Dice {
    pub fn new(seed: u64, browser: &Browser) -> Self {
        let cookies = browser.cookies.iter();
        let cookies = cookies.map(|(name, (value, _))| format!("{name}={value}"));
        let mut cookies: Vec<_> = cookies.collect();
        cookies.sort();
        Self {
            rng: Rng::with_seed(seed),
            proofs: [
                cookies.join("; "),
                browser.token.clone().unwrap_or_default(),
            ],
        }
    }

    pub fn request(mut self) -> Vec<u8> {
        let (method, target) = self.method_and_target();
        let version = match self.rng.u8(0..40) {
            0 => self.pick(&["0.9", "2.0", "1.1x"]),
            1 => "1.0",
            _ => "1.1",
        };
        let mut request = [&method[..], b" ", &target, b" HTTP/", version.as_bytes()].concat();
        request.extend_from_slice(b"\r\nConnection: close\r\nHost: localhost\r\n");
        let (content_type, body) = self.body();
        // As a page of the server's own sends it, more often than not: otherwise little gets beyond the first check.
        if self.rng.u8(0..4) > 0 {
            let own = format!("Sec-Fetch-Site: same-origin\r\nContent-Type: {content_type}\r\n");
            request.extend_from_slice(own.as_bytes());
        }
        for _ in 0..self.rng.usize(0..4) {
            let header = self.header();
            request.extend_from_slice(&header);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(&self.framed(&body));
        request
    }

    /// What says how long the body is, the end of the head, and the body.
    fn framed(&mut self, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let (header, before, after) = match self.rng.u8(0..16) {
            0 => ("Transfer-Encoding: chunked", "no number".to_owned(), ""),
            1 => (
                "Transfer-Encoding: chunked",
                format!("{length:x}\r\n"),
                "\r\n0\r\n\r\n",
            ),
            2 | 3 => (
                &*format!("Content-Length: {}", length / 2),
                String::new(),
                "",
            ),
            _ => (&*format!("Content-Length: {length}"), String::new(), ""),
        };
        let head = format!("{header}\r\n\r\n{before}");
        [head.as_bytes(), body, after.as_bytes()].concat()
    }

    fn method_and_target(&mut self) -> (Vec<u8>, Vec<u8>) {
        let line = &TABLE[self.rng.usize(0..TABLE.len())];
        let method = match self.rng.u8(0..10) {
            0 => self
                .pick(&["CONNECT", "TRACE", "OPTIONS", "PROPFIND", "HEAD"])
                .into(),
            1 => self.pick(&["GET", "PUT", "PATCH", "DELETE", "POST"]).into(),
            2 => self.mutated(line.method.as_str().as_bytes()),
            _ => line.method.as_str().into(),
        };
        let target = match self.rng.u8(0..10) {
            0 => self.mutated(line.path.as_bytes()),
            1 => [
                b"/",
                percent_encode(&self.bytes(40), NON_ALPHANUMERIC)
                    .to_string()
                    .as_bytes(),
            ]
            .concat(),
            2 => self
                .pick(&[
                    "*",
                    "//",
                    "/..",
                    "/%",
                    "/%00",
                    "x:1",
                    "http://x/api/viewer",
                    "/?__err=%",
                    "",
                ])
                .into(),
            3 => [line.path.as_bytes(), b"?", &self.form()].concat(),
            _ => line.path.into(),
        };
        (method, target)
    }

    fn header(&mut self) -> Vec<u8> {
        let (cookies, token) = (self.proofs[0].clone(), self.proofs[1].clone());
        match self.rng.u8(0..12) {
            0 => format!("Cookie: {cookies}").into(),
            1 => [b"Cookie: ", &self.mutated(cookies.as_bytes())[..]].concat(),
            2 => format!(
                "Authorization: {} {token}",
                self.pick(&["Bearer", "DPoP", "Basic"])
            )
            .into(),
            3 => [
                b"Authorization: Bearer ",
                &self.mutated(token.as_bytes())[..],
            ]
            .concat(),
            4 => [b"DPoP: ", &self.mutated(token.as_bytes())[..]].concat(),
            5 | 6 => format!(
                "Sec-Fetch-Site: {}",
                self.pick(&["same-origin", "same-origin", "none", "x"])
            )
            .into(),
            7 => format!(
                "Accept: {}",
                self.pick(&["text/html", "application/json", "*/*", "q;;"])
            )
            .into(),
            8 => [
                self.pick(&[
                    "Referer: ",
                    "Origin: ",
                    "If-None-Match: ",
                    "Range: ",
                    "Accept-Encoding: ",
                    "X-Forwarded-For: ",
                ])
                .as_bytes(),
                &self.bytes(30),
            ]
            .concat(),
            9 if self.rng.u8(0..4) == 0 => self.bytes(40),
            _ => format!("Content-Type: {}", self.pick(CONTENT_TYPES)).into(),
        }
    }

    /// With the type that it has.
    fn body(&mut self) -> (&'static str, Vec<u8>) {
        match self.rng.u8(0..8) {
            0 => (self.pick(CONTENT_TYPES), self.bytes(300)),
            1..=4 => ("application/x-www-form-urlencoded", self.form()),
            5 | 6 => ("application/json", self.json(0).into()),
            _ => {
                let json = self.json(0);
                ("application/json", self.mutated(json.as_bytes()))
            }
        }
    }

    fn form(&mut self) -> Vec<u8> {
        let fields = (0..self.rng.usize(0..5)).map(|_| {
            let value = if self.rng.bool() {
                self.pick(VALUES).into()
            } else {
                self.bytes(20)
            };
            format!(
                "{}={}",
                self.pick(NAMES),
                percent_encode(&value, NON_ALPHANUMERIC)
            )
        });
        let form = fields.collect::<Vec<_>>().join("&");
        if self.rng.u8(0..4) == 0 {
            self.mutated(form.as_bytes())
        } else {
            form.into()
        }
    }

    fn json(&mut self, depth: usize) -> String {
        match self.rng.u8(0..8) {
            0 => "null".to_owned(),
            1 => self.rng.i64(..).to_string(),
            2 => self
                .pick(&["1e999", "-0.0", "true", "\"\\ud800\"", "[[[["])
                .to_owned(),
            3 if depth < 4 => format!("[{},{}]", self.json(depth + 1), self.json(depth + 1)),
            4..=6 if depth < 4 => {
                let members = (0..self.rng.usize(0..5))
                    .map(|_| format!("{:?}:{}", self.pick(NAMES), self.json(depth + 1)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
            _ => format!("{:?}", self.pick(VALUES)),
        }
    }

    /// The same with a few bytes changed, left out or put in.
    fn mutated(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..self.rng.usize(1..4) {
            let at = self.rng.usize(0..=bytes.len());
            let _ = bytes.splice(
                at..(at + self.rng.usize(0..2)).min(bytes.len()),
                self.bytes(2),
            );
        }
        bytes
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let from_all = if self.rng.u8(0..8) == 0 {
            0..=255
        } else {
            32..=126
        };
        (0..self.rng.usize(0..=most))
            .map(|_| self.rng.u8(from_all.clone()))
            .collect()
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.rng.usize(0..all.len())]
    }
}

const CONTENT_TYPES: &[&str] = &[
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "application/json",
    "application/json",
    "application/reports+json",
    "application/csp-report",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/plain",
    ";",
];

const NAMES: &[&str] = &[
    "email",
    "password",
    "next",
    "id",
    "keep",
    "grant_type",
    "username",
    "refresh_token",
    "remember",
    "type",
    "body",
    "__path",
    "__err",
];

const VALUES: &[&str] = &[
    EMAIL,
    PASSWORD,
    "password",
    "refresh_token",
    "/account",
    "//evil.example",
    "true",
    "-1",
    "",
    "\u{202e}",
    "a@b",
];
