//! Secrets and their hashes as different types: only the second may reach the database (RFC 9700 §4.14, SE-04).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 256 random bits in base64url. Whoever has it, is believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The id of a session: 128 random bits in base64url, believed like any secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId(String);

/// The SHA-256 of a secret, in base64url. A random secret needs no slow hash: there is nothing to guess.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hashed(String);

/// A text of `N` random bytes in base64url, for ids that mean nothing.
///
/// # Panics
/// When the operating system gives no random bytes: going on without them would be worse.
pub fn random_text<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Secret {
    pub fn random() -> Self {
        Self(random_text::<32>())
    }

    /// Takes exactly what [`Secret::reveal`] gave; anything else was never handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The one successor of this secret for `seed`. Neither the database, which has the seed, nor a thief of this
    /// secret, who has not, can work it out alone; the server can give it twice without ever keeping it.
    #[must_use]
    pub fn successor(&self, seed: &Secret) -> Self {
        Self(URL_SAFE_NO_PAD.encode(derive("twofold successor", &self.0, seed)))
    }

    /// The one session that this refresh token is exchanged for, on the same terms as [`Secret::successor`].
    #[must_use]
    pub fn session(&self, seed: &Secret) -> SessionId {
        let digest = derive("twofold session", &self.0, seed);
        SessionId(URL_SAFE_NO_PAD.encode(&digest[..16]))
    }

    pub fn hashed(&self) -> Hashed {
        Hashed::of(&self.0)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SessionId {
    pub fn random() -> Self {
        Self(random_text::<16>())
    }

    /// Takes what stands in a session cookie; anything else was never handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The one refresh token that this session is exchanged for, on the same terms as [`Secret::successor`].
    #[must_use]
    pub fn refresh_token(&self, seed: &Secret) -> Secret {
        Secret(URL_SAFE_NO_PAD.encode(derive("twofold refresh token", &self.0, seed)))
    }

    pub fn hashed(&self) -> Hashed {
        Hashed::of(&self.0)
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What nobody can work out without both; `purpose` keeps one kind of successor from being another.
fn derive(purpose: &str, secret: &str, seed: &Secret) -> [u8; 32] {
    Sha256::new()
        .chain_update(purpose)
        .chain_update(secret)
        .chain_update(&seed.0)
        .finalize()
        .into()
}

impl Hashed {
    pub fn of(secret: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(secret)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, SessionId};

    #[test]
    fn a_secret_cannot_be_printed_by_accident() {
        let secret = Secret::random();

        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }

    #[test]
    fn an_exchange_gives_what_the_other_kind_parses_and_nobody_reads() {
        let (secret, seed) = (Secret::random(), Secret::random());

        let session = secret.session(&seed);
        let back = session.refresh_token(&seed);

        assert_eq!(SessionId::parse(session.reveal()), Some(session.clone()));
        assert_eq!(Secret::parse(back.reveal()), Some(back.clone()));
        assert_ne!(back, secret);
        assert!(!format!("{session:?}").contains(session.reveal()));
        assert_eq!(SessionId::parse(secret.reveal()), None);
    }

    #[test]
    fn only_whole_secrets_are_parsed() {
        let secret = Secret::random();
        let text = secret.reveal();

        assert_eq!(Secret::parse(text), Some(secret.clone()));
        for broken in ["", &text[1..], &format!("{text}A"), &format!("{text}=")] {
            assert_eq!(Secret::parse(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn the_successor_depends_on_both_the_secret_and_the_seed() {
        let (secret, seed) = (Secret::random(), Secret::random());

        assert_eq!(secret.successor(&seed), secret.successor(&seed));
        assert_ne!(secret.successor(&seed), secret.successor(&Secret::random()));
        assert_ne!(secret.successor(&seed), Secret::random().successor(&seed));
    }
}
