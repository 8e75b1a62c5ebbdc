//! Proves that the lab can fail: against a server that is weak in every way, each attack must succeed, in either mode. One
//! that is stopped there, or that cannot tell, would tell nothing of a strong one either.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::auth::mode::Mode;

use crate::catalogue::Attack;
use crate::lab::{Lab, Patience};
use crate::outcome::{Inconclusive, Outcome, Verdict};
use crate::own_keys::OwnKeys;
use crate::{run, weak};

/// The weak server never ends anything, so that nothing is gained by waiting for it.
const IMPATIENT: Patience = Patience {
    sockets: Duration::from_millis(2_500),
    renewals: Duration::ZERO,
    confirmation: Some(Duration::ZERO),
};

pub async fn run() -> ExitCode {
    let mut failures = 0;
    for mode in [Mode::CookieSession, Mode::Jwt] {
        match check(mode).await {
            Ok(wrong) if wrong.is_empty() => {
                println!(
                    "✓ every attack on a weak server for {} succeeds",
                    mode.name()
                );
            }
            Ok(wrong) => {
                failures += wrong.len();
                for line in wrong {
                    println!("✗ for {}: {line}", mode.name());
                }
            }
            Err(Inconclusive(why)) => {
                failures += 1;
                println!(
                    "✗ the weak server for {} cannot be attacked: {why}",
                    mode.name()
                );
            }
        }
    }
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

/// What did not succeed although it should have.
async fn check(mode: Mode) -> Result<Vec<String>, Inconclusive> {
    let base = weak::start(mode).await?;
    let mut lab = Lab::open(base, IMPATIENT).await?;
    lab.keys = Some(OwnKeys::of_nobody()?);
    if lab.mode != mode {
        return Err(Inconclusive("its mode was not recognised".to_owned()));
    }
    let wrong = Arc::new(Mutex::new(Vec::new()));
    let noting = Arc::clone(&wrong);
    run::carry_out(Arc::new(lab), move |attack, verdict| {
        if let Some(line) = complaint(mode, attack, verdict)
            && let Ok(mut wrong) = noting.lock()
        {
            wrong.push(line);
        }
    })
    .await;
    let wrong = wrong
        .lock()
        .map_err(|_| Inconclusive("a note was lost".to_owned()))?;
    Ok(wrong.clone())
}

fn complaint(mode: Mode, attack: &Attack, verdict: &Verdict) -> Option<String> {
    let is_elsewhere = attack.only.is_some_and(|(only, _)| only != mode);
    let name = attack.name;
    match verdict {
        Ok(Outcome::Succeeded { .. }) if !is_elsewhere => None,
        Ok(Outcome::NotTried { .. }) if is_elsewhere => None,
        Ok(Outcome::Stopped { by, evidence }) => {
            Some(format!("{name}: stopped by {by}; {evidence}"))
        }
        Ok(Outcome::Succeeded { evidence }) => Some(format!("{name}: tried; {evidence}")),
        Ok(Outcome::NotTried { why }) => Some(format!("{name}: left out, {why}")),
        Err(Inconclusive(why)) => Some(format!("{name}: inconclusive, {why}")),
    }
}
