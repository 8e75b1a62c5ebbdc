//! The attack lab: attacks a running instance from outside, over the network alone, and says of each attack what stopped it.
//! `bin/attack` starts it; `docs/attacks.md` is its catalogue. It lives beside the stories because it shares their support.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "what cannot go on is reported as an attack that could not be carried out, and its parts are for this program alone"
)]

mod access;
mod catalogue;
mod cookies;
mod cross_site;
mod enumeration;
mod files;
mod forge;
mod guessing;
mod heads;
mod information;
mod lab;
mod limits;
mod links;
mod lookalikes;
mod mails;
mod methods;
mod outcome;
mod own_keys;
mod own_server;
mod page;
mod policies;
mod possession;
mod renewal;
mod run;
mod self_check;
mod session;
mod signed_tokens;
mod sizes;
mod socket;
mod sockets;
mod support;
mod thief;
mod token_texts;
mod tokens;
mod weak;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use app::auth::mode::Mode;

use crate::lab::{Lab, Patience};
use crate::outcome::Inconclusive;
use crate::own_keys::OwnKeys;
use crate::own_server::OwnServer;
use crate::run::Tally;

const USAGE: &str =
    "usage: attack (SERVER | --base-url URL | --self-check | --page) [--jwt] [--patient]";

/// Like the server's own: a password counts for as long in the lab's instance.
const CONFIRM_MINUTES: u64 = 1;

enum Target {
    Start(String),
    Running(String),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    if has("--page") {
        print!("{}", page::text());
        return ExitCode::SUCCESS;
    }
    // An attack that cannot go on is one line of the report, and no trace of a stack.
    std::panic::set_hook(Box::new(|_| {}));
    if has("--self-check") {
        return self_check::run().await;
    }
    let Some(target) = target(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match attack(target, has("--jwt"), has("--patient")).await {
        Ok(tally) => tally.close(),
        Err(Inconclusive(why)) => {
            eprintln!("✗ the instance cannot be attacked: {why}");
            ExitCode::from(2)
        }
    }
}

fn target(arguments: &[String]) -> Option<Target> {
    let mut words = arguments
        .iter()
        .filter(|word| *word != "--jwt" && *word != "--patient");
    match (words.next()?.as_str(), words.next(), words.next()) {
        ("--base-url", Some(url), None) => {
            Some(Target::Running(url.trim_end_matches('/').to_owned()))
        }
        (program, None, None) if !program.starts_with('-') => {
            Some(Target::Start(program.to_owned()))
        }
        _ => None,
    }
}

async fn attack(target: Target, says_jwt: bool, is_patient: bool) -> Result<Tally, Inconclusive> {
    let (own, base) = match target {
        Target::Start(program) => {
            let own = Own::start(&program, is_patient).await?;
            let base = own.attacked.base();
            (Some(own), base)
        }
        Target::Running(base) => (None, base),
    };
    require_plain(&base)?;
    let is_own = own.is_some();
    let patience = Patience {
        confirmation: is_patient.then(|| patience_of_confirmation(is_own)),
        ..Patience::REAL
    };
    reqwest::get(&base).await?;
    let mut lab = run::end(tokio::spawn(Lab::open(base, patience))).await?;
    let is_jwt = lab.mode == Mode::Jwt;
    if is_jwt != says_jwt && (says_jwt || is_own) {
        let mode = lab.mode.name();
        let why = format!("it is a build for {mode}, not the one asked for");
        return Err(Inconclusive(why));
    }
    if let Some(own) = &own {
        lab.keys = Some(OwnKeys::in_directory(own.attacked.keys())?);
        lab.secure_base = Some(own.over_tls.base());
    }
    println!("{} is a build for {}.\n", lab.base, lab.mode.name());
    Ok(run::carry_out(Arc::new(lab), run::tell).await)
}

fn require_plain(base: &str) -> Result<(), Inconclusive> {
    let is_plain = base.starts_with("http://") && !base["http://".len()..].contains('/');
    if is_plain {
        return Ok(());
    }
    let why = "the lab speaks plain HTTP to the server itself: give the address behind the proxy, http://host:port";
    Err(Inconclusive(why.to_owned()))
}

/// The servers of the lab's own.
struct Own {
    attacked: OwnServer,
    /// Says that it is reached over TLS, for what it says only then.
    over_tls: OwnServer,
}

impl Own {
    async fn start(program: &str, is_patient: bool) -> Result<Self, Inconclusive> {
        let minutes = CONFIRM_MINUTES.to_string();
        let variables = [("TWOFOLD_CONFIRM_MINUTES", minutes.as_str())];
        let variables = if is_patient { &variables[..] } else { &[] };
        let origin = [("TWOFOLD_ORIGIN", "https://attacked.example")];
        Ok(Self {
            attacked: OwnServer::start(program, variables).await?,
            over_tls: OwnServer::start(program, &origin).await?,
        })
    }
}

/// A little more than the setting; of an instance that runs already, the default.
fn patience_of_confirmation(is_own: bool) -> Duration {
    let minutes = if is_own { CONFIRM_MINUTES } else { 10 };
    Duration::from_secs(minutes * 60 + 2)
}
