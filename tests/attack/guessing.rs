//! Guesses and floods. They use up what this address may do for an hour, and so they come last.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::catalogue::{Attack, Group, When};
use crate::lab::{Lab, new_address};
use crate::outcome::{Inconclusive, Outcome, Trials, Verdict, brief, control};
use crate::support::reachable::Reachable;
use crate::support::{Answer, Browser, PASSWORD};

pub const GROUP: Group = Group {
    title: "Guesses and floods",
    attacks: &[
        Attack::new(
            "many sign-ins at once, while pages are asked for",
            "AV-01, AV-03",
            "429 or 503 with Retry-After at once for what is too much; pages stay fast",
            |lab| Box::pin(flood(lab)),
        )
        .when(When::Last),
        Attack::new(
            "many passwords for one account, one after the other",
            "TH-01, TH-02",
            "429 with Retry-After, for the right one too; a device that is known still gets in",
            |lab| Box::pin(one_account(lab)),
        )
        .when(When::Last),
        Attack::new(
            "the cookie of a known device, made up for every guess, or of another account",
            "TH-01, TH-02",
            "429 with Retry-After as without it: a device is known by what it got, and to one account",
            |lab| Box::pin(strange_devices(lab)),
        )
        .when(When::Last),
        Attack::new(
            "forty passwords for one account at the same moment",
            "TH-06",
            "429 for all but as many as in a row",
            |lab| Box::pin(burst(lab)),
        )
        .when(When::Last),
        Attack::new(
            "one password for many accounts (credential stuffing)",
            "TH-03, TH-07",
            "429 with Retry-After, by address",
            |lab| Box::pin(many_accounts(lab)),
        )
        .when(When::Last),
    ],
};

const AT_ONCE: usize = 200;
/// NIST SP 800-63B-4 §3.2.2: no more failures than this for one account.
const MOST_IN_A_ROW: usize = 101;
const MOST_ACCOUNTS: usize = 150;
/// For an unoptimised build on a busy machine, with all the others of the rush to receive first. What waits for its turn is cut
/// off after thirty seconds.
const AT_ONCE_WITHIN: Duration = Duration::from_secs(10);
const PAGE_WITHIN: Duration = Duration::from_secs(2);

async fn guess(mut browser: Browser, email: String, password: String) -> (Answer, Duration) {
    let start = Instant::now();
    let answer = browser.sign_in_with(&email, &password).await;
    (answer, start.elapsed())
}

pub fn waits(answer: &Answer) -> bool {
    let seconds = answer.header("retry-after").parse::<u32>();
    [429, 503].contains(&answer.status.as_u16()) && seconds.is_ok_and(|seconds| seconds > 0)
}

async fn flood(lab: Arc<Lab>) -> Verdict {
    let attacker = lab.elsewhere(1);
    let first = guess(attacker.clone(), new_address(), "one guess".to_owned())
        .await
        .0;
    let is_looked_at = first.status == 401 || waits(&first) || first.status == 200;
    control(is_looked_at, "a guess by itself", brief(&first))?;
    let guesses = (0..AT_ONCE).map(|_| {
        guess(
            attacker.clone(),
            new_address(),
            "a wrong password".to_owned(),
        )
    });
    let guesses: Vec<_> = guesses.collect();
    let flood = tokio::spawn(join_all(guesses));
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let start = Instant::now();
        let page = lab.browser().get("/sign-in").await;
        control(page.status == 200, "a page meanwhile", brief(&page))?;
        slowest = slowest.max(start.elapsed());
    }
    let answers = flood
        .await
        .map_err(|error| Inconclusive(error.to_string()))?;
    let refused = answers.iter().filter(|(answer, _)| waits(answer));
    let times: Vec<_> = refused.map(|(_, took)| *took).collect();
    let quickest = times.iter().min().copied().unwrap_or(Duration::MAX);
    let evidence = format!(
        "{} of {AT_ONCE} refused with Retry-After, the first after {quickest:.1?}; slowest page {slowest:.1?}",
        times.len(),
    );
    if quickest > AT_ONCE_WITHIN || slowest > PAGE_WITHIN {
        return Ok(Outcome::Succeeded { evidence });
    }
    Ok(Outcome::Stopped {
        by: "429 or 503 with Retry-After".to_owned(),
        evidence,
    })
}

async fn one_account(lab: Arc<Lab>) -> Verdict {
    let mut owner = lab.person().await?;
    owner.browser.sign_out().await;
    let attacker = lab.elsewhere(2);
    let mut tries = 0;
    let refused = loop {
        tries += 1;
        let password = format!("guess number {tries}");
        let (answer, _) = guess(attacker.clone(), owner.email.clone(), password).await;
        if waits(&answer) || answer.status == 200 || tries == MOST_IN_A_ROW {
            break answer;
        }
        control(answer.status == 401, "a guess", brief(&answer))?;
    };
    let evidence = format!("try {tries}: {}", brief(&refused));
    if !waits(&refused) {
        return Ok(Outcome::Succeeded { evidence });
    }
    control(tries > 1, "the first guess is looked at", brief(&refused))?;
    let mut trials = Trials::stopped_by("429 with Retry-After; the owner's device gets in");
    let right = guess(attacker, owner.email.clone(), PASSWORD.to_owned())
        .await
        .0;
    trials.note(
        right.status == 200,
        format!("the right one then: {}", brief(&right)),
    );
    let known = owner.browser.sign_in_with(&owner.email, PASSWORD).await;
    let wait = refused.header("retry-after");
    let evidence = format!(
        "{evidence}, wait {wait} s; the owner: {}",
        known.status.as_u16()
    );
    trials.note(known.status != 200, evidence);
    trials.verdict()
}

async fn strange_devices(lab: Arc<Lab>) -> Verdict {
    let owner = lab.person().await?;
    let email = || owner.email.clone();
    let mut trials = Trials::stopped_by("429 with Retry-After");
    for number in 1..=MOST_IN_A_ROW {
        let attacker = with_made_up_device(lab.elsewhere(5));
        let (answer, _) = guess(attacker, email(), format!("guess number {number}")).await;
        if waits(&answer) {
            control(number > 1, "the first is looked at", brief(&answer))?;
            let mut known = lab.elsewhere(5);
            known.cookies = lab.person().await?.browser.cookies;
            let (other, _) = guess(known, email(), PASSWORD.to_owned()).await;
            let others = brief(&other);
            let evidence = format!("try {number}; with another account's device: {others}");
            trials.note(!waits(&other), evidence);
            return trials.verdict();
        }
        control(answer.status == 401, "a guess", brief(&answer))?;
    }
    trials.succeeded(format!("{MOST_IN_A_ROW} guesses were looked at"));
    trials.verdict()
}

/// Under either name that the cookie has, and in the form of a true one.
fn with_made_up_device(mut browser: Browser) -> Browser {
    let letters = std::iter::repeat_with(fastrand::alphanumeric);
    let secret: String = letters.take(43).collect();
    for name in ["__Host-device", "device"] {
        let cookie = (secret.clone(), "/".to_owned());
        browser.cookies.insert(name.to_owned(), cookie);
    }
    browser
}

async fn burst(lab: Arc<Lab>) -> Verdict {
    let owner = lab.person().await?;
    let attacker = lab.elsewhere(3);
    let guesses = (0..40).map(|index| {
        guess(
            attacker.clone(),
            owner.email.clone(),
            format!("guess number {index}"),
        )
    });
    let answers = join_all(guesses).await;
    let count = |status: u16| {
        let with = answers
            .iter()
            .filter(|(answer, _)| answer.status.as_u16() == status);
        with.count()
    };
    let (looked_at, limited, busy) = (count(401) + count(200), count(429), count(503));
    let evidence = format!("{looked_at} looked at, {limited} refused with 429, {busy} with 503");
    if looked_at == 40 {
        return Ok(Outcome::Succeeded { evidence });
    }
    control(looked_at > 0, "some are looked at", &evidence)?;
    control(limited > 0, "the limit shows", &evidence)?;
    Ok(Outcome::Stopped {
        by: "429".to_owned(),
        evidence,
    })
}

async fn many_accounts(lab: Arc<Lab>) -> Verdict {
    let attacker = lab.elsewhere(4);
    for number in 1..=MOST_ACCOUNTS {
        let (answer, took) =
            guess(attacker.clone(), new_address(), "Winter2026!!".to_owned()).await;
        if answer.status == 429 && waits(&answer) {
            control(number > 1, "the first account is looked at", brief(&answer))?;
            let wait = answer.header("retry-after");
            return Ok(Outcome::Stopped {
                by: "429 with Retry-After".to_owned(),
                evidence: format!("account {number} after {took:.1?}, wait {wait} s"),
            });
        }
        control(
            [200, 401].contains(&answer.status.as_u16()),
            "a guess",
            brief(&answer),
        )?;
    }
    Ok(Outcome::Succeeded {
        evidence: format!("{MOST_ACCOUNTS} accounts were tried"),
    })
}
