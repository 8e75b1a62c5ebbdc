//! What one address may ask for within a time, besides guesses. Each attack comes from an address of its own where it can,
//! and uses it up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;

use crate::catalogue::{Attack, Group, When};
use crate::guessing::waits;
use crate::lab::{Lab, new_address};
use crate::outcome::{Inconclusive, Outcome, Trials, Verdict, brief, control};
use crate::support::Browser;
use crate::support::program::{REFRESH, post_json};

pub const GROUP: Group = Group {
    title: "Limits of one address",
    attacks: &[
        Attack::new(
            "eighty sign-ups from one address",
            "TH-07",
            "429 with Retry-After",
            |lab| Box::pin(sign_ups(lab)),
        )
        .when(When::Last),
        Attack::new(
            "hundreds of renewals a minute from one address",
            "TH-07",
            "429 with Retry-After, on every way to renew",
            |lab| Box::pin(renewals(lab)),
        )
        .when(When::Last),
    ],
};

const MOST_SIGN_UPS: usize = 80;
const MINUTE: Duration = Duration::from_secs(60);
const RENEWALS_AT_ONCE: usize = 50;
/// More than any address needs in a minute, and more than are given back while they are sent.
const MOST_RENEWALS: usize = 1_400;

async fn sign_ups(lab: Arc<Lab>) -> Verdict {
    let attacker = lab.elsewhere(6);
    for number in 1..=MOST_SIGN_UPS {
        let answer = attacker.clone().sign_up_as(&new_address()).await;
        if answer.status == 429 && waits(&answer) {
            control(number > 1, "the first is taken", brief(&answer))?;
            let wait = answer.header("retry-after");
            return Ok(Outcome::Stopped {
                by: "429 with Retry-After".to_owned(),
                evidence: format!("sign-up {number}, wait {wait} s"),
            });
        }
        control(answer.status == 200, "a sign-up", brief(&answer))?;
    }
    let evidence = format!("{MOST_SIGN_UPS} accounts were made");
    Ok(Outcome::Succeeded { evidence })
}

async fn renewals(lab: Arc<Lab>) -> Verdict {
    let attacker = lab.elsewhere(7);
    let start = Instant::now();
    let mut looked_at = 0;
    loop {
        let (more, refused) = rush(&attacker, REFRESH).await?;
        looked_at += more;
        if refused > 0 {
            break;
        }
        if looked_at >= MOST_RENEWALS {
            let evidence = format!("{looked_at} in {:.1?}", start.elapsed());
            return Ok(Outcome::Succeeded { evidence });
        }
        let is_quick = start.elapsed() < MINUTE;
        control(is_quick, "they are sent in a minute", looked_at)?;
    }
    control(looked_at > 0, "the first are looked at", looked_at)?;
    let mut trials = Trials::stopped_by("429 with Retry-After");
    for path in ["/api/refresh", "/api/refresh/exchange"] {
        let (more, refused) = rush(&attacker, path).await?;
        let evidence = format!("{more} at {path} after {looked_at}, {refused} refused");
        trials.note(refused == 0, evidence);
    }
    trials.verdict()
}

/// Asks at once with a made-up token: how many were looked at, and how many refused as too many.
async fn rush(attacker: &Browser, path: &str) -> Result<(usize, usize), Inconclusive> {
    let made_up = json!({"refresh_token": "A".repeat(43)});
    let tries = (0..RENEWALS_AT_ONCE).map(|_| async {
        if path == REFRESH {
            return post_json(attacker, path, &made_up).await;
        }
        attacker.clone().call(path, &[]).await
    });
    let answers = join_all(tries).await;
    let refused = answers.iter().filter(|answer| answer.status == 429);
    let refused = refused.filter(|answer| waits(answer)).count();
    for answer in &answers {
        let is_usual = [200, 400, 401, 409, 429].contains(&answer.status.as_u16());
        control(is_usual, "a renewal", brief(answer))?;
    }
    Ok((answers.len() - refused, refused))
}
