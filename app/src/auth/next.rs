//! Where a page of this app is told to go on to, in its address.

use percent_encoding::percent_decode_str;

use crate::domain::path::LocalPath;

/// The `next` parameter of a query, if it is a path of this origin.
///
/// The query is read here because the router decodes it twice, and `%252F%252F` must not become `//` (FE-09).
pub fn next_in(search: &str) -> Option<LocalPath> {
    let value = search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("next="))?;
    LocalPath::parse(&percent_decode_str(value).decode_utf8().ok()?)
}

#[cfg(test)]
mod tests {
    use super::next_in;

    #[test]
    fn next_is_decoded_once() {
        let next = |search| next_in(search).map(|path| path.as_str().to_owned());

        assert_eq!(
            next("?next=%2Faccount%3Fx%3Da%2520b").as_deref(),
            Some("/account?x=a%20b")
        );
        assert_eq!(
            next("a=b&next=%2F%252Fevil.example").as_deref(),
            Some("/%2Fevil.example")
        );
        assert_eq!(next("next=%2F%2Fevil.example"), None);
        assert_eq!(next("a=b"), None);
    }
}
