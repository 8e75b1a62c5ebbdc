//! Ways to spell a place that is not here, for whoever wants to lead somebody there.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

pub const HOSTS: [&str; 20] = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil.example\\localhost",
    "LOCALHOST",
    "localhost.",
    "127.0.0.1",
    "[::1]",
    "0",
    "xn--lcalhost-54a",
    "localhost, evil.example",
    "evil.example\tlocalhost",
    "\"evil.example\"",
    "<script>evil.example",
    "%65vil.example",
    "",
];

const LEADS: [&str; 55] = [
    "//",
    "///",
    "////",
    "/\\",
    "\\/",
    "\\\\",
    "/\t/",
    "/\n/",
    "/\r/",
    "/\r\n/",
    "\t//",
    "\n//",
    " //",
    "\0//",
    "/.//",
    "/./\\",
    "/..//",
    "/a/..//",
    "/%2e//",
    "/%2f",
    "/%2F/",
    "/%5c",
    "//%2f",
    "/%09/",
    "/%0a/",
    "/%0d%0a",
    "/%252f",
    "https:",
    "https:/",
    "https://",
    "http:",
    "http://",
    "HTTPS://",
    "hTtP:\\\\",
    "ftp://",
    "ws://",
    "javascript:",
    "java\tscript:",
    "\u{1}javascript:",
    "data:text/html,",
    "vbscript:",
    "blob:",
    "file://",
    "view-source:",
    "\u{feff}//",
    "\u{a0}//",
    "／／",
    "/／",
    "⁄⁄",
    "@",
    "/@",
    ".",
    "..//",
    ";//",
    "///@",
];

const TAILS: [&str; 8] = [
    "evil.example",
    "evil.example/%2e%2e",
    "evil.example?next=/account",
    "evil.example#/account",
    "localhost@evil.example",
    "evil.example\r\nSet-Cookie: a=b",
    "[::1]:80/",
    "alert(1)//",
];

/// The ways in which a head can name a host.
pub fn heads_naming(host: &str) -> [String; 4] {
    [
        format!("Host: {host}\r\n"),
        format!(
            "Host: localhost\r\nX-Forwarded-Host: {host}\r\nX-Forwarded-Proto: evil.example\r\n"
        ),
        format!(
            "Host: localhost\r\nForwarded: host={host};proto=evil.example\r\nX-Original-URL: //{host}/\r\nX-Rewrite-URL: //{host}/\r\n"
        ),
        format!("Host: localhost\r\nHost: {host}\r\n"),
    ]
}

/// 440 of them, and one that is too long.
pub fn payloads() -> impl Iterator<Item = String> {
    let long = format!("/{}", "a".repeat(10_000));
    let made = LEADS
        .into_iter()
        .flat_map(|lead| TAILS.map(|tail| format!("{lead}{tail}")));
    made.chain([long])
}

/// As it stands in a query.
pub fn once(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Whether a browser on a page of `origin` stays there when it is told to go `to`, by the parser that browsers share (WHATWG),
/// and when it is then told to go to the path that came of it: `/.//evil.example` becomes `//evil.example`.
pub fn stays(origin: &str, to: &str) -> bool {
    let page = Url::parse(&format!("{origin}/sign-in")).unwrap();
    let stays_by = |to: &str| {
        page.join(to)
            .ok()
            .filter(|target| target.origin() == page.origin())
    };
    stays_by(to).is_some_and(|target| stays_by(target.path()).is_some())
}

/// Texts that would end a header and begin another, where they reached one as they are.
pub fn injections() -> [String; 9] {
    [
        "\r\n",
        "\n",
        "\r",
        "\u{2028}",
        "\u{85}",
        "\0",
        "\u{b}",
        "\u{560a}\u{560d}",
        "%0d%0a",
    ]
    .map(|line_break| {
        format!("x{line_break}Set-Cookie: injected=1{line_break}Location: //evil.example")
    })
}
