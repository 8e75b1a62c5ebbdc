//! JSON between a page and the server: the answers of server functions, and the facts that travel inside a page.
//!
//! `#[server(…, output = Json)]` answers in it. Stock Leptos reads JSON with serde_json, which brings along how to describe each
//! mistake, in numbers with a fraction among others; here a text that cannot be read is just that, and each first
//! visitor downloads much less. It reads structs, enums and sequences, but no maps and no untagged enums: a function that answers
//! with those leaves `output` out, and pays for it.

use bytes::Bytes;
use leptos::server::codee::{Decoder, Encoder};
use leptos::server_fn::codec::Post;
use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json_core::de::{Error, from_slice_escaped};

/// The encoding of a server function's answer: JSON in the body.
pub type Json = Post<JsonText>;

/// The text itself.
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        read(&bytes)
    }
}

impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text.as_bytes())
    }
}

/// # Errors
/// When `json` is no JSON, or not that of a `T`.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    // No text is longer without its escapes than with them.
    let mut unescaped = vec![0; json.len()];
    from_slice_escaped(json, &mut unescaped).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::{Decodes, Encodes};
    use serde::{Deserialize, Serialize};

    use super::{JsonText, read};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Nothing,
        Text(String),
        Fields { number: i64, half: f64 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Everything {
        shapes: Vec<Shape>,
        maybe: Option<Box<Everything>>,
        is_true: bool,
        by_name: Vec<(String, u32)>,
        nothing: (),
        pair: (u8, char),
    }

    fn everything(text: &str, maybe: Option<Box<Everything>>) -> Everything {
        let fields = Shape::Fields {
            number: i64::MIN,
            half: 0.5,
        };
        Everything {
            shapes: vec![Shape::Nothing, Shape::Text(text.to_owned()), fields],
            maybe,
            is_true: true,
            by_name: vec![(text.to_owned(), u32::MAX)],
            nothing: (),
            pair: (255, 'x'),
        }
    }

    #[test]
    fn whatever_is_written_is_read_again() {
        for text in [
            "",
            "plain",
            "\"quotes\" and \\",
            "\u{0}\n\t\u{1f}",
            "é 漢 🦀 \u{202e}",
            "{\"a\":[1]}",
        ] {
            let value = everything(text, Some(Box::new(everything(text, None))));

            let bytes = <JsonText as Encodes<_>>::encode(&value).expect("it is a plain value");
            let read_again = <JsonText as Decodes<Everything>>::decode(bytes).expect(text);

            assert_eq!(read_again, value);
        }
    }

    #[test]
    fn members_that_are_not_known_are_passed_over() {
        #[derive(Debug, Deserialize)]
        struct Known {
            error: String,
            least: Option<usize>,
        }
        let newer = br#"{"error":"x","later":{"a":[1,{"b":"\"}"}],"c":null},"least":12}"#;

        let known: Known = read(newer).expect("unknown members are fine");
        assert_eq!((known.error.as_str(), known.least), ("x", Some(12)));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for garbage in [
            "",
            "{",
            "<html>",
            "\"",
            "\"\\u12\"",
            "12",
            "\"Nothing\"x",
            "{\"Text\":1}",
        ] {
            assert!(read::<Shape>(garbage.as_bytes()).is_err(), "{garbage}");
        }
    }
}
