//! The way back for a form that was sent without scripts and refused: which page, and the reason in a cookie that is
//! read once. It names an entry of the catalogue of errors; it cannot carry words (T05, SF-08).

use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::path::LocalPath;
use crate::error::FormFailure;
use crate::server::cookies::CookieKind;
use crate::server::settings::CookieSecurity;

/// Long enough for a slow page, short enough not to come up again tomorrow.
const MAX_AGE: std::time::Duration = std::time::Duration::from_secs(60);

/// The page of this origin that the form was on; the start page if the browser does not say (SF-07).
pub(super) fn page_of_sender(headers: &HeaderMap, origin: &str) -> LocalPath {
    headers
        .get(header::REFERER)
        .and_then(|referer| referer.to_str().ok())
        .and_then(|referer| referer.strip_prefix(origin))
        .and_then(LocalPath::parse)
        .unwrap_or_else(LocalPath::home)
}

pub(super) fn send_back(
    back: &LocalPath,
    failure: &FormFailure,
    security: CookieSecurity,
) -> Response {
    let json = serde_json::to_vec(failure).expect("a path and a reason are valid JSON");
    let cookie = CookieKind::Flash.set(&URL_SAFE_NO_PAD.encode(json), Some(MAX_AGE), security);
    let mut response = Redirect::to(back.as_str()).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

pub(super) fn parse(cookie: &str) -> Option<FormFailure> {
    let json = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let failure: FormFailure = serde_json::from_slice(&json).ok()?;
    is_reference(&failure.reference).then_some(failure)
}

/// A UUID as the server writes one: no words can be spelt in it that anybody would believe.
fn is_reference(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b"0123456789abcdef-".contains(&b))
}

/// The same address without the parameters in which stock Leptos looks for an error to show, if it has any:
/// anybody can put them into a link.
pub(super) fn without_forged_error(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let is_forged = |name: &str| name == "__err" || name == "__path";
    let pairs = form_urlencoded::parse(query.as_bytes());
    if !pairs.clone().any(|(name, _)| is_forged(&name)) {
        return None;
    }
    let kept = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.filter(|(name, _)| !is_forged(name)))
        .finish();
    let path = LocalPath::parse_or_home(uri.path());
    Some(if kept.is_empty() {
        path.as_str().to_owned()
    } else {
        format!("{}?{kept}", path.as_str())
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{page_of_sender, without_forged_error};

    fn back_from(referer: &str) -> String {
        let headers = HeaderMap::from_iter([(header::REFERER, referer.parse().unwrap())]);
        page_of_sender(&headers, "https://app.example.com")
            .as_str()
            .to_owned()
    }

    #[test]
    fn a_form_goes_back_to_its_page_and_never_to_another_origin() {
        assert_eq!(
            back_from("https://app.example.com/sign-in?next=/a"),
            "/sign-in?next=/a"
        );
        for elsewhere in [
            "https://evil.example/p",
            "https://app.example.com.evil.example/p",
            "https://app.example.com//evil.example",
            "https://app.example.com@evil.example/",
            "garbage",
        ] {
            assert_eq!(back_from(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn a_cookie_that_says_anything_but_a_reason_and_a_reference_is_none() {
        let with = |reference: &str| {
            let error = r#"{"error":"wrong_credentials"}"#;
            let json = format!(
                r#"{{"endpoint":"/api/sign_in","error":{error},"reference":"{reference}"}}"#
            );
            super::parse(&URL_SAFE_NO_PAD.encode(json))
        };

        assert!(with("b4a7d2c0-3f7e-4b5a-9d61-0c2f8e7a1b35").is_some());
        for words in ["", "call 555-0100", "CALL-THIS-NUMBER-AND-TELL-YOUR-SECRET"] {
            assert!(with(words).is_none(), "SF-08 {words}");
        }
    }

    #[test]
    fn a_forged_error_is_taken_out_of_the_address_and_the_rest_is_kept() {
        let forged = "/sign-in?next=%2Faccount&__path=%2Fapi%2Fsign_in&__err=eA".parse();

        assert_eq!(
            without_forged_error(&forged.unwrap()).as_deref(),
            Some("/sign-in?next=%2Faccount")
        );
        assert_eq!(
            without_forged_error(&"/sign-in?next=/a".parse().unwrap()),
            None
        );
    }
}
