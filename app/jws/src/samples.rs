//! Keys that everybody has: the ones printed in standards, and the ones that somebody typed (JW-16).

/// By RFC 7638 thumbprint: the first three test keys of RFC 8032 §7.1 (the first is also RFC 8037's), RFC 7515 A.3,
/// RFC 7517 A.2, and the P-256 key of the jwt.io debugger.
const PUBLISHED: &[&str] = &[
    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "FtIu-VbGrfe_KB6CH7GNwODB72MNxj_ml11dEvO-7kk",
    "FVV5umTuau890q59V-4Ga_R6qWb7ON_ivJc4EjvCwTM",
    "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
    "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
    "19J8y7Zprt2-QKLjF2I5pVk0OELX6cY2AfaAv1LC_w8",
];

/// Of 32 random bytes about thirty are different; fewer than this never happens.
const LEAST_DIFFERENT_BYTES: usize = 16;

pub(crate) fn is_sample(thumbprint: &str, private: &[u8]) -> bool {
    let different = (0..=u8::MAX).filter(|byte| private.contains(byte)).count();
    different < LEAST_DIFFERENT_BYTES || PUBLISHED.contains(&thumbprint)
}
