//! The two ways of keeping somebody signed in.

/// How a build of this app keeps people signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A cookie names a session on the server; pages are rendered for the person who asks.
    CookieSession,
    /// The browser keeps a JWT and shows it with every call; pages are rendered for nobody in particular.
    Jwt,
}

impl Mode {
    /// The name people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::CookieSession => "cookie sessions",
            Self::Jwt => "JSON Web Tokens",
        }
    }

    /// Whether a form can be sent before, or without, the scripts of the page.
    pub fn takes_plain_forms(self) -> bool {
        self == Self::CookieSession
    }
}
