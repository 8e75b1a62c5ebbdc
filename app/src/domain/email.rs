//! An email address in its one canonical form. It must be canonical before it is compared or stored,
//! or two spellings of one address become two accounts.

/// RFC 5321 §4.5.3.1: the longest address a mail path can carry, and the longest local part.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// A lower-case ASCII address, `local@domain`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    #[error("Enter your email address.")]
    Missing,
    #[error("Enter an email address like name@example.com.")]
    Malformed,
    #[error("This email address is too long: at most 254 characters.")]
    TooLong,
}

impl Email {
    /// Takes what a person typed; spaces around it and upper case do not matter.
    ///
    /// Only ASCII is taken: a full-width `@` or a Cyrillic `а` would make two accounts look like one.
    ///
    /// # Errors
    /// [`EmailError`] says what to correct.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(EmailError::Missing);
        }
        if text.len() > LONGEST {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if !is_local_part(local) || !is_domain(domain) {
            return Err(EmailError::Malformed);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its tag, if it has one: many mail servers take `name+tag` for `name` (RFC 5233). For counting alone.
    pub fn without_tag(&self) -> Option<String> {
        let (local, domain) = self.0.rsplit_once('@')?;
        let (name, _tag) = local.split_once('+')?;
        (!name.is_empty()).then(|| format!("{name}@{domain}"))
    }
}

/// RFC 5322 `dot-atom`: the quoted form exists on paper only, and is a favourite for header injection.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= LONGEST_LOCAL && local.split('.').all(is_atom)
}

/// RFC 1123 host name with at least one dot.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::{Email, EmailError};

    #[test]
    fn case_and_spaces_around_do_not_make_a_second_address() {
        let email = Email::parse(" Ada.Lovelace+x@Example.COM\t").unwrap();

        assert_eq!(email.as_str(), "ada.lovelace+x@example.com");
    }

    #[test]
    fn a_tag_can_be_left_out() {
        let without = |text| Email::parse(text).unwrap().without_tag();

        assert_eq!(
            without("ada+1+2@example.com").as_deref(),
            Some("ada@example.com")
        );
        assert_eq!(without("ada@example.com"), None);
        assert_eq!(without("+1@example.com"), None);
    }

    #[test]
    fn an_empty_field_asks_for_the_address() {
        assert_eq!(Email::parse("  "), Err(EmailError::Missing));
    }

    #[test]
    fn hostile_and_broken_addresses_are_refused() {
        let broken = [
            "plain",
            "@example.com",
            "a@",
            "a@localhost",
            "a b@example.com",
            "a@exa mple.com",
            "a@@example.com",
            "a@-example.com",
            "a..b@example.com",
            ".a@example.com",
            "a\0@example.com",
            "a\r\nBcc: b@example.com",
            "a@example.com,b@example.com",
            "a＠example.com",
            "аda@example.com",
            "😀@example.com",
            "a@example.com.",
        ];

        for text in broken {
            assert_eq!(Email::parse(text), Err(EmailError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn an_endless_address_is_refused_as_too_long() {
        let text = format!("{}@example.com", "a".repeat(10_000));

        assert_eq!(Email::parse(&text), Err(EmailError::TooLong));
    }
}
