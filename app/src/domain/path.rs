//! Where to go after a form: a path on this origin and nothing else (FE-09, OWASP unvalidated redirects).

/// An absolute path with its query, safe to put into a `Location` header or to hand to the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

const LONGEST: usize = 2048;

impl LocalPath {
    /// Takes a path like `/account?tab=1`; anything that a browser could read as another origin is `None`.
    ///
    /// `//host` and `/\host` are network paths, and `/.//host` becomes one when a browser takes the dot out; tabs and line breaks vanish from a URL before it is parsed,
    /// so that `/\t/host` is one too; a control character would split the header.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
        let is_local = text.starts_with('/')
            && !path_of(text).contains("//")
            && text.len() <= LONGEST
            && text.bytes().all(is_plain);
        is_local.then(|| Self(text.to_owned()))
    }

    /// The path in `text`, or the start page.
    pub fn parse_or_home(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(Self::home)
    }

    /// The start page.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands before the query and the fragment.
fn path_of(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::LocalPath;

    #[test]
    fn paths_of_this_origin_are_taken_as_they_are() {
        for text in [
            "/",
            "/account",
            "/account?tab=1&x=%20",
            "/a?b=c//d",
            "/a/b#c",
        ] {
            assert_eq!(LocalPath::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        let elsewhere = [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/.//evil.example",
            "/%2e//evil.example",
            "/a/..//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nSet-Cookie: a=b",
            "https://evil.example",
            "http:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            " /account",
            "/account\0",
            "/ünicode",
            "?next=/",
        ];

        for text in elsewhere {
            assert_eq!(LocalPath::parse(text), None, "{text:?}");
        }
        assert_eq!(LocalPath::parse(&"/a".repeat(5_000)), None);
    }
}
