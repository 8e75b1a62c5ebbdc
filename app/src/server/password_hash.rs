//! argon2id (RFC 9106) in PHC strings, off the async workers, in a fixed number of memory blocks that are used again and
//! again: a fresh 19 MiB block per hash makes the allocator keep gigabytes after a flood of sign-ins.

mod lanes;
mod recipe;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

pub use self::recipe::{Peppers, Recipe};

use self::lanes::Lanes;
use crate::domain::password::{NewPassword, Password};

/// A stored hash: a PHC string with algorithm, parameters, salt and hash in it.
#[derive(Clone)]
pub struct PasswordHash(String);

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    lanes: Lanes,
    recipe: Recipe,
}

/// The password could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many passwords are waiting to be checked")]
    Busy,
    #[error("the stored hash is not argon2id in PHC form")]
    Malformed,
    #[error("the stored hash names a pepper that is not configured")]
    UnknownPepper,
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
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PasswordHasher {
    /// As many hashes at a time as there are cores, with a short queue behind them.
    pub fn new(recipe: Recipe) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            lanes: Lanes::new(cores),
            recipe,
        }
    }

    /// Hashes with a random 128-bit salt by the recipe.
    ///
    /// # Errors
    /// [`HashError::Busy`] at once when the queue is full.
    pub async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashError> {
        self.hash_again(password.as_password()).await
    }

    /// Hashes a password that was right just now: by the rules of its own time, it may be one that nobody may choose today.
    ///
    /// # Errors
    /// As [`PasswordHasher::hash`].
    pub async fn hash_again(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let (password, recipe) = (password.clone(), self.recipe.clone());
        self.lanes
            .run(move |blocks| {
                let (params, salt) = (recipe.params()?, Salt::generate());
                let secret = recipe.peppers.secret(params.keyid())?;
                let hash = derive(&password, &salt, &params, secret, blocks)?;
                Ok(PasswordHash(compose(&params, salt, hash)?))
            })
            .await
    }

    /// A hash that no password matches, made by the recipe: checking against it costs what checking against a real one
    /// costs, so that time does not tell whether an address is known (EN-02).
    ///
    /// # Errors
    /// [`HashError::Malformed`] for a recipe that is none.
    pub fn hash_of_nobody(&self) -> Result<PasswordHash, HashError> {
        let nothing = Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]);
        let nothing = nothing.map_err(|_| HashError::Malformed)?;
        compose(&self.recipe.params()?, Salt::generate(), nothing).map(PasswordHash)
    }

    /// Whether a hash of today would be made differently (PW-03).
    pub fn is_outdated(&self, hash: &PasswordHash) -> bool {
        let made_with = Phc::new(hash.as_phc()).ok();
        let made_with = made_with.and_then(|phc| Params::try_from(&phc).ok());
        let (Some(then), Ok(now)) = (made_with, self.recipe.params()) else {
            return false;
        };
        (then.m_cost(), then.t_cost(), then.p_cost(), then.keyid())
            != (now.m_cost(), now.t_cost(), now.p_cost(), now.keyid())
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
        let peppers = self.recipe.peppers.clone();
        self.lanes
            .run(move |blocks| {
                let phc = Phc::new(hash.as_phc()).map_err(|_| HashError::Malformed)?;
                let (Some(salt), Some(expected)) = (phc.salt, phc.hash) else {
                    return Err(HashError::Malformed);
                };
                let params = Params::try_from(&phc).map_err(|_| HashError::Malformed)?;
                let secret = peppers.secret(params.keyid())?;
                Ok(derive(&password, &salt, &params, secret, blocks)? == expected)
            })
            .await
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new(Recipe::default())
    }
}

fn derive(
    password: &Password,
    salt: &Salt,
    params: &Params,
    secret: &[u8],
    blocks: &mut Vec<Block>,
) -> Result<Output, HashError> {
    blocks.resize(params.block_count(), Block::default());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params.clone())
        .map_err(|_| HashError::Malformed)?
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
    use super::PasswordHasher;
    use crate::domain::password::{NewPassword, Password};

    fn typed(text: &str) -> Password {
        Password::parse(text.into()).unwrap()
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_its_own_salt_and_takes_only_its_password() {
        let hasher = PasswordHasher::default();
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
        let hasher = PasswordHasher::default();

        let nobody = hasher.hash_of_nobody().unwrap();
        let verdict = hasher.verify(&typed("x"), &nobody).await;

        assert!(!verdict.unwrap());
    }
}
