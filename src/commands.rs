//! The words that can follow `twofold`: for the operator and for support. Exit 0: done; 1: refused, in one line on the
//! error stream; 2: not understood.

mod keys;
mod verify_jws;

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::{Arg, Parser, ValueExt};

const USAGE: &str = "\
usage: twofold                                    serves; .env.example has the variables
       twofold keys list                          the keys that sign and verify tokens
       twofold keys rotate                        makes a new key; it signs when all servers know it, in 15 s
       twofold keys retire KID [--now]            ends a key that no token needs any more; with --now in any case
       twofold verify-jws --key FILE < TOKEN      prints what a compact JWS says, if a key of FILE signed it
       twofold --help | --version

FILE is a PEM file (Ed25519 or P-256), a JWK or a JWK set. `keys` takes the same variables as the server.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve,
    Help,
    Version,
    ListKeys,
    RotateKeys,
    RetireKey { id: String, now: bool },
    VerifyJws { key: PathBuf },
}

/// Reads the command line.
pub(crate) fn parse(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let command = match arguments.next()? {
        None => Command::Serve,
        Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Command::Help),
        Some(Arg::Short('V') | Arg::Long("version")) => Command::Version,
        Some(Arg::Value(word)) if word == "verify-jws" => return parse_verify_jws(arguments),
        Some(Arg::Value(word)) if word == "keys" => return parse_keys(arguments),
        Some(other) => return Err(other.unexpected()),
    };
    end(arguments, command)
}

/// Does what was asked for, unless it was to serve.
pub(crate) fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Serve | Command::Help => print(USAGE),
        Command::Version => print(concat!("twofold ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::ListKeys => keys::list(),
        Command::RotateKeys => keys::rotate(),
        Command::RetireKey { id, now } => keys::retire(&id, now),
        Command::VerifyJws { key } => verify_jws::run(&key),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("twofold: {error}");
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn misunderstood(error: &lexopt::Error) -> ExitCode {
    eprintln!("twofold: {error}\n{USAGE}");
    ExitCode::from(2)
}

fn parse_verify_jws(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let mut key = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("key") if key.is_none() => key = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected()),
        }
    }
    match key {
        Some(key) => Ok(Command::VerifyJws { key }),
        None => Err("verify-jws needs --key FILE".into()),
    }
}

fn parse_keys(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let command = match arguments.next()? {
        Some(Arg::Value(word)) if word == "list" => Command::ListKeys,
        Some(Arg::Value(word)) if word == "rotate" => Command::RotateKeys,
        Some(Arg::Value(word)) if word == "retire" => return parse_retire(arguments),
        Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Command::Help),
        Some(other) => return Err(other.unexpected()),
        None => return Err("keys needs one of list, rotate and retire".into()),
    };
    end(arguments, command)
}

fn parse_retire(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let (mut id, mut now) = (None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("now") if !now => now = true,
            Arg::Value(word) if id.is_none() => id = Some(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    match id {
        Some(id) => Ok(Command::RetireKey { id, now }),
        None => Err("keys retire needs a KID; `twofold keys list` shows them".into()),
    }
}

fn end(mut arguments: Parser, command: Command) -> Result<Command, lexopt::Error> {
    match arguments.next()? {
        None => Ok(command),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Command::Help),
        Some(other) => Err(other.unexpected()),
    }
}

/// A reader that went away is an error like any other, and no panic.
fn print(text: &str) -> Result<(), Box<dyn std::error::Error>> {
    use std::io::Write;
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::{Command, parse};

    fn parsed(line: &str) -> Option<Command> {
        parse(lexopt::Parser::from_args(line.split_whitespace())).ok()
    }

    #[test]
    fn each_command_is_understood() {
        let retire = |id: &str, now| Command::RetireKey {
            id: id.to_owned(),
            now,
        };

        assert_eq!(parsed(""), Some(Command::Serve));
        assert_eq!(parsed("--help"), Some(Command::Help));
        assert_eq!(parsed("keys rotate -h"), Some(Command::Help));
        assert_eq!(parsed("keys list"), Some(Command::ListKeys));
        assert_eq!(parsed("keys rotate"), Some(Command::RotateKeys));
        assert_eq!(parsed("keys retire abc"), Some(retire("abc", false)));
        assert_eq!(parsed("keys retire --now abc"), Some(retire("abc", true)));
        // An id may begin with a dash.
        assert_eq!(parsed("keys retire -- -abc"), Some(retire("-abc", false)));
        let key = "file".into();
        assert_eq!(
            parsed("verify-jws --key=file"),
            Some(Command::VerifyJws { key })
        );
    }

    #[test]
    fn what_is_not_understood_is_never_taken_for_something_else() {
        for line in [
            "serve",
            "--port 80",
            "keys",
            "keys list x",
            "keys rotate --now",
            "keys retire",
            "keys retire a b",
            "keys retire a --force",
            "verify-jws",
            "verify-jws --key",
            "verify-jws --key a --key b",
            "verify-jws --key a token",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
