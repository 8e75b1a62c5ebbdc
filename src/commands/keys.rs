//! `twofold keys`: what an operator does with the keys of the tokens. Servers notice by themselves.

use std::error::Error;
use std::fmt::Write;

use app::domain::sign_in::Moment;
use app::server::clock::Clock;
use app::server::keys::file::KeyFile;
use twofold::server::config::Config;

use super::print;

pub(super) fn list() -> Result<(), Box<dyn Error>> {
    let keys = Config::from_environment()?.keys.read()?;
    let mut table = line("KID", "ALG", "STATE", "CREATED", "FILE");
    for (key, state) in keys.states(now()) {
        table += &describe(key, state.name());
    }
    print(&table)
}

pub(super) fn rotate() -> Result<(), Box<dyn Error>> {
    let config = Config::from_environment()?;
    let made = config
        .keys
        .rotate(config.token_algorithm.unwrap_or_default(), now())?;
    let keys = config.keys.read()?;
    let state = keys
        .states(now())
        .find(|(key, _)| key.pair.id() == made.pair.id())
        .map_or("", |(_, state)| state.name());
    print(&describe(&made, state))
}

pub(super) fn retire(id: &str, at_once: bool) -> Result<(), Box<dyn Error>> {
    let config = Config::from_environment()?;
    if at_once {
        config.keys.retire_now(id, now())?;
    } else {
        let lifetime = config.settings.lifetimes.access_token;
        config.keys.retire(id, lifetime, now())?;
    }
    print(&format!("{id} is retired\n"))
}

fn now() -> Moment {
    Clock::default().now()
}

fn describe(key: &KeyFile, state: &str) -> String {
    line(
        key.pair.id(),
        key.pair.algorithm.name(),
        state,
        &key.created.in_utc(),
        &key.path.display().to_string(),
    )
}

fn line(id: &str, algorithm: &str, state: &str, created: &str, file: &str) -> String {
    let mut line = String::new();
    let _ = writeln!(
        line,
        "{id:<8}  {algorithm:<5}  {state:<9}  {created:<20}  {file}"
    );
    line
}
