//! `twofold verify-jws`: runs any compact JWS through the code that checks access tokens, with keys of the caller's.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use jws::compact::Compact;
use jws::key_set::KeySet;

/// For the key file and for the token, in bytes. Nothing longer is read.
const LONGEST: u64 = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
enum InputError {
    #[error("more than {LONGEST} bytes")]
    TooLong,
    #[error("not UTF-8")]
    NotText,
    #[error(transparent)]
    Unreadable(#[from] std::io::Error),
}

pub(super) fn run(key: &Path) -> Result<(), Box<dyn Error>> {
    let name = key.display();
    let file = File::open(key).map_err(|error| format!("{name}: {error}"))?;
    let keys = read(file).map_err(|error| format!("{name}: {error}"))?;
    let keys = KeySet::parse(&keys).map_err(|error| format!("{name}: {error}"))?;
    let input = read(std::io::stdin()).map_err(|error| format!("standard input: {error}"))?;
    let payload = Compact::parse(without_line_end(&input), input.len())
        .and_then(|token| keys.verify(token))
        .map_err(|refusal| format!("refused: {refusal}"))?;
    let mut output = std::io::stdout();
    output.write_all(&payload)?;
    Ok(output.flush()?)
}

fn read(input: impl Read) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    input.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(InputError::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| InputError::NotText)
}

/// Files end with one; everything else around a token is refused.
fn without_line_end(text: &str) -> &str {
    text.strip_suffix('\n')
        .map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))
}
