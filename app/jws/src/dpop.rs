//! A proof that whoever sends a request has a private key (DPoP, RFC 9449 §4.2), read strictly. Whether it was meant for
//! this request, and was not seen before, is for whoever knows the request.

use serde::Deserialize;

use crate::compact::{Compact, Refusal};
use crate::json;
use crate::jwk::{self, PublicMembers};

/// Ours have under 700 bytes, and paths are short; more is not even parsed.
pub const LONGEST: usize = 2048;
/// What the header's `typ` must be, so that no other signed text passes for a proof.
pub const TYPE: &str = "dpop+jwt";
/// What it may be signed with: what every browser can do, and what is quickest.
pub const ALGORITHMS: &[&str] = &["ES256", "EdDSA", "Ed25519"];
/// Long enough for every way of making up an id, and short enough to be remembered.
const LONGEST_ID: usize = 128;

/// What a proof says. Members besides these are not looked at, as RFC 9449 wants it, but none may stand twice.
#[derive(Debug, Deserialize)]
pub struct Claims {
    /// Made up by the client, and never the same twice.
    pub jti: String,
    /// The method of the request…
    pub htm: String,
    /// …and its address, without query and fragment.
    pub htu: String,
    /// When it was made, by the client's clock, in seconds since 1970.
    pub iat: i64,
    /// What goes with the proof: the SHA-256 of the access token, in base64url.
    pub ath: Option<String>,
    /// What the server gave the client to put in.
    pub nonce: Option<String>,
}

/// A proof, and whose it is.
#[derive(Debug)]
pub struct Proof {
    /// The RFC 7638 thumbprint of the key.
    pub thumbprint: String,
    pub claims: Claims,
}

/// Why a proof is none. The client learns only that.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error(transparent)]
    Jws(#[from] Refusal),
    #[error("the header is not that of a proof")]
    Header,
    #[error("the header's key is not a public P-256 or Ed25519 key")]
    Key,
    #[error("the claims are not those of a proof")]
    Claims,
}

/// Reads a proof and checks that its own key signed it.
///
/// # Errors
/// [`ProofError`].
pub fn verify(proof: &str) -> Result<Proof, ProofError> {
    let (proof, jwk) = Compact::parse_with_key(proof, LONGEST)?;
    let header = proof.header();
    if header.typ.as_deref() != Some(TYPE) || !ALGORITHMS.contains(&header.alg.as_str()) {
        return Err(ProofError::Header);
    }
    let public = PublicMembers::of(&jwk).ok_or(ProofError::Key)?;
    let key = jwk::key(jwk).map_err(|_| ProofError::Key)?;
    let payload = proof.verify(&key)?;
    let claims = json::members(&payload).ok_or(ProofError::Claims)?;
    let claims: Claims = serde_json::from_value(claims.into()).map_err(|_| ProofError::Claims)?;
    if claims.jti.is_empty() || claims.jti.len() > LONGEST_ID {
        return Err(ProofError::Claims);
    }
    Ok(Proof {
        thumbprint: public.thumbprint(),
        claims,
    })
}

#[cfg(test)]
mod tests {
    use super::verify;

    /// RFC 9449 §4.1, the proof of figure 1 and 2.
    const PUBLISHED: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    #[test]
    fn the_published_proof_is_taken_and_its_key_named_as_published() {
        let proof = verify(PUBLISHED).unwrap();

        assert_eq!(
            proof.thumbprint,
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
        assert_eq!(proof.claims.htu, "https://server.example.com/token");
        assert_eq!(
            (proof.claims.htm.as_str(), proof.claims.iat),
            ("POST", 1_562_262_616)
        );
    }

    #[test]
    fn no_byte_of_it_can_be_another() {
        for index in 0..PUBLISHED.len() {
            let mut other = PUBLISHED.as_bytes().to_vec();
            other[index] = if other[index] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(verify(&other).is_err(), "{index}");
        }
    }
}
