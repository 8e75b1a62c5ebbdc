//! A nonce: when it was given, and a MAC by which any node with the same keys knows it again. Nobody keeps it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::sign_in::Moment;
use crate::server::keys::set::KeySet;

const TIME: usize = 8;
/// 96 bits: nobody hits one by trying, and it travels with every call.
const MAC: usize = 12;

pub(super) fn at(moment: Moment, key: &[u8; 32]) -> String {
    let time = moment.0.to_be_bytes();
    URL_SAFE_NO_PAD.encode(
        [
            time.as_slice(),
            &mac(time, key).finalize().into_bytes()[..MAC],
        ]
        .concat(),
    )
}

/// When a nonce was given, if one of the keys made it.
pub(super) fn read(nonce: &str, keys: &KeySet) -> Option<Moment> {
    let bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
    let (time, given) = bytes.split_first_chunk::<TIME>()?;
    let is_ours = |key: &[u8; 32]| mac(*time, key).verify_truncated_left(given).is_ok();
    let is_known = given.len() == MAC && keys.mac_keys().any(is_ours);
    is_known.then(|| Moment(i64::from_be_bytes(*time)))
}

fn mac(time: [u8; TIME], key: &[u8; 32]) -> Hmac<Sha256> {
    let mac = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update("nonce").chain_update(time)
}
