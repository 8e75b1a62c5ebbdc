//! What a client calls itself, in words that a person recognises: `Firefox on Linux`. Anybody can send anything, so nothing
//! is decided by it, and what is not known by name is cut down to a short plain word. A hundred lines of table and no crate:
//! those that know every version of every browser weigh megabytes and have to be kept up to date.

/// In this order, because most browsers also name those that they want to be taken for.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// In this order: Android calls itself Linux as well, and phones of Apple say that they are like a Mac.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
];

/// A program's own name is cut here; it has no more than a line in a list.
const LONGEST_NAME: usize = 24;

/// The browser and the system behind a `User-Agent` header (RFC 9110 §10.1.5).
pub fn in_words(user_agent: &str) -> String {
    let known = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let client = match known(BROWSERS) {
        Some(browser) => browser.to_owned(),
        None => program(user_agent).unwrap_or_else(|| "An unknown browser".to_owned()),
    };
    match known(SYSTEMS) {
        Some(system) => format!("{client} on {system}"),
        None => client,
    }
}

/// The name before the first version, as programs write it (`curl/8.5.0`). `Mozilla` says nothing: every browser begins so.
fn program(user_agent: &str) -> Option<String> {
    let name: String = user_agent
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .take(LONGEST_NAME)
        .collect();
    let says_something = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name != "Mozilla";
    says_something.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAME, in_words};

    #[test]
    fn what_people_use_is_called_what_they_call_it() {
        let apple = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
                "Firefox on Linux",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36"
                ),
                "Chrome on Windows",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
                ),
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15".to_owned(),
                "Safari on macOS",
            ),
            (
                format!("{apple} Version/18.5 Mobile/15E148 Safari/604.1"),
                "Safari on iPhone",
            ),
            (
                format!("{apple} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1"),
                "Chrome on iPhone",
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) {webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
                ),
                "Samsung Internet on Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {webkit} Chrome/140.0.0.0 Safari/537.36"
                ),
                "Chrome on ChromeOS",
            ),
            ("curl/8.5.0".to_owned(), "curl"),
            ("okhttp/4.12.0 (Linux)".to_owned(), "okhttp on Linux"),
        ] {
            assert_eq!(in_words(&user_agent), words, "{user_agent}");
        }
    }

    #[test]
    fn what_nobody_knows_stays_short_and_plain() {
        for nobody in [
            "",
            "Mozilla/5.0",
            "<script>alert(1)</script>",
            "/",
            "  ",
            "\u{202e}gnp",
            "1234",
        ] {
            assert_eq!(in_words(nobody), "An unknown browser", "{nobody:?}");
        }
        assert_eq!(in_words(&"x".repeat(10_000)).len(), LONGEST_NAME);
        assert_eq!(in_words("Twofold\"><b>bold</b>/1"), "Twofold");
    }
}
