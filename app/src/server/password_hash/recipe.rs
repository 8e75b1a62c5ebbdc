//! How new hashes are made: with how much memory, how many passes, and which pepper.

use std::fmt;
use std::sync::Arc;

use argon2::{KeyId, Params, ParamsBuilder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::HashError;

/// argon2id's parameters, with one lane, and the peppers that stored hashes may name.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub memory_kib: u32,
    pub passes: u32,
    pub peppers: Peppers,
}

/// Secrets outside of the database that go into hashes: whoever has the database alone cannot guess (PW-04). The first
/// is for new hashes, the others for those that still name them.
#[derive(Clone, Default)]
pub struct Peppers(Arc<[Pepper]>);

struct Pepper {
    id: KeyId,
    secret: Vec<u8>,
}

impl Recipe {
    /// Whether OWASP's password storage cheat sheet takes these parameters (PW-01).
    pub fn is_enough(&self) -> bool {
        let least_memory = match self.passes {
            0 => return false,
            1 => 47_104,
            2 => 19_456,
            3 => 12_288,
            4 => 9_216,
            _ => 7_168,
        };
        self.memory_kib >= least_memory
    }

    pub(super) fn params(&self) -> Result<Params, HashError> {
        let mut builder = ParamsBuilder::new();
        builder.m_cost(self.memory_kib).t_cost(self.passes);
        if let Some(pepper) = self.peppers.0.first() {
            builder.keyid(pepper.id);
        }
        builder.build().map_err(|_| HashError::Malformed)
    }
}

impl Default for Recipe {
    /// OWASP's m = 19 MiB, t = 2.
    fn default() -> Self {
        Self {
            memory_kib: Params::DEFAULT_M_COST,
            passes: Params::DEFAULT_T_COST,
            peppers: Peppers::default(),
        }
    }
}

impl Peppers {
    /// Takes lines of an id (1 to 8 letters and digits) and 32 bytes or more in base64url, the current pepper first.
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let peppers: Vec<_> = lines.map(Pepper::parse).collect::<Option<_>>()?;
        let is_twice = |(index, pepper): (usize, &Pepper)| {
            peppers[..index].iter().any(|other| other.id == pepper.id)
        };
        let is_bad = peppers.is_empty() || peppers.iter().enumerate().any(is_twice);
        (!is_bad).then(|| Self(peppers.into()))
    }

    /// The secret for hashes that name `id`; those that name none have none.
    pub(super) fn secret(&self, id: &[u8]) -> Result<&[u8], HashError> {
        if id.is_empty() {
            return Ok(&[]);
        }
        let pepper = self.0.iter().find(|pepper| pepper.id.as_bytes() == id);
        pepper
            .map(|pepper| pepper.secret.as_slice())
            .ok_or(HashError::UnknownPepper)
    }
}

impl Pepper {
    fn parse(line: &str) -> Option<Self> {
        let (id, secret) = line.trim().split_once(' ')?;
        let is_id = (1..=8).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let secret = URL_SAFE_NO_PAD.decode(secret.trim()).ok()?;
        let id = KeyId::new(id.as_bytes()).ok()?;
        (is_id && secret.len() >= 32).then_some(Self { id, secret })
    }
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peppers({} …)", self.0.len())
    }
}
