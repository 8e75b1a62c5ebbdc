//! The key that signs access tokens: Ed25519 (RFC 8037), in a PKCS#8 PEM file that only its owner can read.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

/// A signing key, ready for use.
pub struct TokenKey {
    /// Which key signed: the start of the key's RFC 7638 thumbprint.
    pub id: String,
    pub signing: EncodingKey,
    pub verifying: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the file cannot be read or made: {0}")]
    File(#[from] std::io::Error),
    #[error("the file does not hold an Ed25519 private key in PKCS#8 PEM form")]
    Malformed,
}

impl TokenKey {
    /// Reads the key, or makes a new one where there is no file yet.
    ///
    /// # Errors
    /// [`KeyError`]; an existing file is never overwritten.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::File(error)) if error.kind() == ErrorKind::NotFound => {
                create(path)?;
                Self::load(path)
            }
            result => result,
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let pem = std::fs::read_to_string(path)?;
        let key = SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::Malformed)?;
        let document = key.to_pkcs8_der().map_err(|_| KeyError::Malformed)?;
        let public = key.verifying_key();
        Ok(Self {
            id: thumbprint(public.as_bytes())[..8].to_owned(),
            signing: EncodingKey::from_ed_der(document.as_bytes()),
            verifying: DecodingKey::from_ed_der(public.as_bytes()),
        })
    }
}

fn create(path: &Path) -> Result<(), KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes");
    let pem = SigningKey::from_bytes(&seed)
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|_| KeyError::Malformed)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

/// RFC 7638 with the members of RFC 8037 §2.
fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

#[cfg(test)]
mod tests {
    use super::thumbprint;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_8037_appendix_a_3() {
        let public_key = URL_SAFE_NO_PAD
            .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
            .unwrap();

        assert_eq!(
            thumbprint(&public_key),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
