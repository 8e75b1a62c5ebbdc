//! Which passwords are too well known to be chosen (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 6.2.4 and 6.2.11). No rules of
//! composition: whatever is long and not on the list will do (PW-07).

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::domain::email::Email;
use crate::domain::password::{NewPassword, PasswordError};

/// `app/word_lists/README.md` says where they come from.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let common = include_str!("../../word_lists/common_passwords.txt").lines();
    let long = include_str!("../../word_lists/long_passwords.txt").lines();
    common.chain(long).collect()
});

const APP_NAME: &str = "twofold";
/// Shorter parts of an address are in many words.
const SHORTEST_PART: usize = 4;
/// What repeats itself in fewer letters is no word: `jjjjjjjjjjjjj` may be chosen (PW-07).
const SHORTEST_REPEATED: usize = 4;

/// A password that its owner may choose, as far as this server knows by itself.
#[derive(Clone, Copy)]
pub struct Choice<'a>(&'a NewPassword);

impl<'a> Choice<'a> {
    pub fn password(self) -> &'a NewPassword {
        self.0
    }
}

/// The choice of `password` by the owner of `email`, if it is one.
///
/// # Errors
/// [`PasswordError::Common`] for a password of the lists, also with digits and signs around it, or repeated, and
/// [`PasswordError::Personal`] for what is nothing but the address, a part of it, or the name of this app.
pub fn check<'a>(email: &Email, chosen: &'a NewPassword) -> Result<Choice<'a>, PasswordError> {
    let password = String::from_utf8_lossy(chosen.as_password().as_bytes()).to_lowercase();
    if password.contains(email.as_str())
        || personal_words(email).any(|word| is_only(&password, word))
    {
        return Err(PasswordError::Personal);
    }
    if is_common(&password) || repeated_part(&password).is_some_and(is_common) {
        return Err(PasswordError::Common);
    }
    Ok(Choice(chosen))
}

fn is_common(password: &str) -> bool {
    let bare = password.trim_matches(|letter: char| !letter.is_alphabetic());
    COMMON.contains(password) || (!bare.is_empty() && COMMON.contains(bare))
}

/// What `password` says again and again, the last time perhaps not to its end, whatever digits and signs are around it all:
/// `password` for `passwordpassword` and `password-pass1`.
fn repeated_part(password: &str) -> Option<&str> {
    let bare = password.trim_matches(|letter: char| !letter.is_alphabetic());
    [password, bare].into_iter().find_map(|text| {
        let bytes = text.as_bytes();
        let mut ends = text.char_indices().map(|(at, _)| at).skip(1);
        let end = ends.find(|&end| bytes.starts_with(&bytes[end..]))?;
        Some(&text[..end]).filter(|part| part.chars().count() >= SHORTEST_REPEATED)
    })
}

fn personal_words(email: &Email) -> impl Iterator<Item = &str> {
    let parts = email.as_str().split(['@', '.', '+', '-', '_']);
    let whole = email.as_str().split('@');
    parts
        .chain(whole)
        .filter(|part| part.len() >= SHORTEST_PART)
        .chain([APP_NAME])
}

/// Whether nothing but digits and signs is left without `word`.
fn is_only(password: &str, word: &str) -> bool {
    password.contains(word) && !password.replace(word, "").chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::{COMMON, check};
    use crate::domain::email::Email;
    use crate::domain::password::{NewPassword, PasswordError};

    fn verdict(password: &str) -> Result<(), PasswordError> {
        let email = Email::parse("ada.lovelace@analytical.example").unwrap();
        check(&email, &NewPassword::parse(password.to_owned(), 8).unwrap()).map(drop)
    }

    #[test]
    fn the_lists_have_three_thousand_for_whatever_length_is_asked_for() {
        // OWASP ASVS 6.2.4. Of the longest the data set has fewer, and all that it has.
        let count = |least| {
            let listed = COMMON
                .iter()
                .filter(|listed| listed.chars().count() >= least);
            listed.count()
        };
        for least in 8..=17 {
            assert!(count(least) >= 3000, "{least}: {}", count(least));
        }
        assert_eq!((count(8), count(12), count(20)), (23_504, 10_556, 1_027));
    }

    #[test]
    fn well_known_passwords_are_refused_with_whatever_is_put_around_them() {
        for password in [
            "password",
            "Password1234!",
            "PASSWORD2026",
            "123123123123",
            "qwertyuiop123",
            "iloveyou!!!!",
            "1q2w3e4r5t6y",
            "!!!sunshine1!!!",
            "Football2026",
            "PasswordPassword",
            "password-password!",
            "monkeymonkeymonkey7",
            "trustno1trustno1",
            "dragon.dragon.dragon",
            "letmeinletme",
        ] {
            assert_eq!(verdict(password), Err(PasswordError::Common), "{password}");
        }
    }

    #[test]
    fn the_address_and_the_name_of_the_app_are_refused() {
        for password in [
            "ada.lovelace@analytical.example",
            "xx-Ada.Lovelace@analytical.example",
            "ada.lovelace1815",
            "lovelace1815!!",
            "LovelaceLovelace",
            "analytical-2026",
            "twofold12345",
            "Twofold Twofold",
        ] {
            assert_eq!(
                verdict(password),
                Err(PasswordError::Personal),
                "{password}"
            );
        }
    }

    #[test]
    fn whatever_else_is_long_is_taken() {
        for password in [
            "jjjjjjjjjjjjj",
            "correct horse correct horse",
            "ééééééééééééé",
            "correct horse battery staple",
            "my twofold password is long",
            "        spaces        ",
            "lovelace likes engines",
            "пароль который знаю",
            "\0\0\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(verdict(password), Ok(()), "{password:?}");
        }
    }
}
