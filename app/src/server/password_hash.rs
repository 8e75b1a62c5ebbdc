//! argon2id (RFC 9106) in PHC strings, off the async workers, in a fixed number of memory blocks that are used again and
//! again: a fresh 19 MiB block per hash makes the allocator keep gigabytes after a flood of sign-ins.

mod lanes;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use self::lanes::Lanes;
use crate::domain::password::{NewPassword, Password};

/// A stored hash: a PHC string with algorithm, parameters, salt and hash in it.
#[derive(Clone)]
pub struct PasswordHash(String);

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    lanes: Lanes,
}

/// The password could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many passwords are waiting to be checked")]
    Busy,
    #[error("the stored hash is not argon2id in PHC form")]
    Malformed,
    #[error("the hashing thread ended early")]
    Interrupted,
}

impl PasswordHash {
    pub fn from_store(phc: String) -> Self {
        Self(phc)
    }

    pub fn as_phc(&self) -> &str {
        &self.0
    }

    /// A hash that no password matches, made with today's parameters: checking against it costs what
    /// checking against a real one costs, so that time does not tell whether an address is known (EN-02).
    pub fn of_nobody() -> Self {
        let salt = "$argon2id$v=19$m=19456,t=2,p=1$dHdvZm9sZC1ub2JvZHkhIQ$";
        Self(format!("{salt}{}", "A".repeat(43)))
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PasswordHasher {
    /// As many hashes at a time as there are cores, with a short queue behind them.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            lanes: Lanes::new(cores),
        }
    }

    /// Hashes with a random 128-bit salt and OWASP's parameters (m = 19 MiB, t = 2, p = 1).
    ///
    /// # Errors
    /// [`HashError::Busy`] at once when the queue is full.
    pub async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError> {
        let password = password.as_password().clone();
        self.lanes
            .run(move |blocks| {
                let (params, salt) = (Params::default(), Salt::generate());
                let hash = derive(&password, &salt, &params, blocks)?;
                Ok(PasswordHash(compose(&params, salt, hash)?))
            })
            .await
    }

    /// Whether `password` is the one behind `hash`; compared in constant time.
    ///
    /// # Errors
    /// [`HashError::Busy`] at once when the queue is full, [`HashError::Malformed`] for a damaged row.
    pub async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
    ) -> Result<bool, HashError> {
        let (password, hash) = (password.clone(), hash.clone());
        self.lanes
            .run(move |blocks| {
                let phc = Phc::new(hash.as_phc()).map_err(|_| HashError::Malformed)?;
                let (Some(salt), Some(expected)) = (phc.salt, phc.hash) else {
                    return Err(HashError::Malformed);
                };
                let params = Params::try_from(&phc).map_err(|_| HashError::Malformed)?;
                Ok(derive(&password, &salt, &params, blocks)? == expected)
            })
            .await
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

fn derive(
    password: &Password,
    salt: &Salt,
    params: &Params,
    blocks: &mut Vec<Block>,
) -> Result<Output, HashError> {
    blocks.resize(params.block_count(), Block::default());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt.as_ref(), &mut bytes, blocks)
        .map_err(|_| HashError::Malformed)?;
    Output::new(&bytes).map_err(|_| HashError::Malformed)
}

fn compose(params: &Params, salt: Salt, hash: Output) -> Result<String, HashError> {
    let phc = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(|_| HashError::Malformed)?,
        salt: Some(salt),
        hash: Some(hash),
    };
    Ok(phc.to_string())
}

#[cfg(test)]
mod tests {
    use super::{PasswordHash, PasswordHasher};
    use crate::domain::password::{NewPassword, Password};

    fn typed(text: &str) -> Password {
        Password::parse(text.into()).unwrap()
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_its_own_salt_and_takes_only_its_password() {
        let hasher = PasswordHasher::new();
        let password = NewPassword::parse("correct horse".into(), 12).unwrap();

        let first = hasher.hash(&password).await.unwrap();
        let second = hasher.hash(&password).await.unwrap();

        assert!(
            first
                .as_phc()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert_ne!(first.as_phc(), second.as_phc());
        assert!(
            hasher
                .verify(&typed("correct horse"), &first)
                .await
                .unwrap()
        );
        for wrong in ["correct horse ", "correct hors", "correct horse\0"] {
            assert!(!hasher.verify(&typed(wrong), &first).await.unwrap());
        }
    }

    #[tokio::test]
    async fn the_hash_of_nobody_is_well_formed_and_refuses() {
        let hasher = PasswordHasher::new();

        let verdict = hasher.verify(&typed("x"), &PasswordHash::of_nobody()).await;

        assert!(!verdict.unwrap());
    }
}
