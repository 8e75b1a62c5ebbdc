//! Who has an account: told by a status, a header, a byte or the time it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::catalogue::{Attack, Group};
use crate::lab::{Lab, Person, new_address};
use crate::outcome::{Inconclusive, Outcome, Trials, Verdict, brief, control, not_tried};
use crate::support::program::{TOKEN, credentials, post_json};
use crate::support::ranks::{median, p_of, z_of_ranks};
use crate::support::reachable::Reachable;
use crate::support::{Answer, PASSWORD};

pub const GROUP: Group = Group {
    title: "Enumeration",
    attacks: &[
        Attack::new(
            "an unknown address and a wrong password, compared to the byte",
            "EN-01",
            "the same status, headers and body",
            |lab| Box::pin(bytes(lab)),
        ),
        Attack::new(
            "an unknown address and a wrong password, compared by the clock",
            "EN-02",
            "an unknown address costs a hash as well (rank test, few samples)",
            |lab| Box::pin(times(lab)),
        ),
        Attack::new(
            "a sign-up with an address that has an account",
            "EN-03",
            "the same answer as for a new one, where addresses are confirmed by mail; elsewhere it has to be told",
            |lab| Box::pin(taken_address(lab)),
        ),
    ],
};

const WRONG: &str = "a wrong password";
/// Fewer than the wrong passwords that one address may send in an hour, together with all others here.
const SAMPLES: usize = 20;
/// Under the ten wrong passwords in a row after which an account has to wait.
const IN_A_ROW: usize = 6;

fn must_be_refused(answer: &Answer) -> Result<(), Inconclusive> {
    let is_limited = answer.status == 429 || answer.status == 503;
    control(!is_limited, "wrong passwords are looked at", brief(answer))
}

async fn bytes(lab: Arc<Lab>) -> Verdict {
    let known = lab.person().await?;
    let mut trials = Trials::stopped_by("the same status, headers and body");
    for round in 0..3 {
        let unknown = new_address();
        let pairs = [
            (
                "by a script",
                by_script(&lab, &known.email).await,
                by_script(&lab, &unknown).await,
            ),
            (
                "by a form",
                by_form(&lab, &known.email).await,
                by_form(&lab, &unknown).await,
            ),
            (
                "by a program",
                by_program(&lab, &known.email).await,
                by_program(&lab, &unknown).await,
            ),
        ];
        for (how, one, other) in pairs {
            must_be_refused(&one)?;
            must_be_refused(&other)?;
            let differs = one.told() != other.told();
            let evidence = format!(
                "{how}, round {round}: {} and {}",
                brief(&one),
                brief(&other)
            );
            trials.note(differs, evidence);
        }
        lab.sign_in_as(&known).await?;
    }
    trials.verdict()
}

async fn by_script(lab: &Lab, email: &str) -> Answer {
    lab.browser().sign_in_with(email, WRONG).await
}

async fn by_form(lab: &Lab, email: &str) -> Answer {
    let fields = [("email", email), ("password", WRONG)];
    lab.browser()
        .post_form("/sign-in", "/api/sign_in", &fields)
        .await
}

async fn by_program(lab: &Lab, email: &str) -> Answer {
    post_json(&lab.browser(), TOKEN, &credentials(email, WRONG)).await
}

async fn times(lab: Arc<Lab>) -> Verdict {
    let known = lab.person().await?;
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    let mut hash = Duration::MAX;
    for round in 0..SAMPLES {
        if round % IN_A_ROW == 0 {
            hash = hash.min(time_of_right(&lab, &known).await?);
        }
        let unknown = new_address();
        // Either first in half of the rounds, so that neither always follows the other.
        let (first, second) = if round % 2 == 0 {
            (known.email.as_str(), unknown.as_str())
        } else {
            (unknown.as_str(), known.email.as_str())
        };
        for email in [first, second] {
            let start = Instant::now();
            must_be_refused(&by_script(&lab, email).await)?;
            let took = start.elapsed();
            if email == known.email {
                of_known.push(took);
            } else {
                of_unknown.push(took);
            }
        }
    }
    let gap = median(&of_known).abs_diff(median(&of_unknown));
    let p = p_of(z_of_ranks(&of_known, &of_unknown));
    let evidence = format!(
        "{SAMPLES} samples each, medians {gap:.1?} apart, a sign-in {hash:.1?}, p = {p:.3}"
    );
    // Only a gap that is large as well says something, on a machine that has other things to do.
    if p < 0.001 && gap * 5 > hash {
        return Ok(Outcome::Succeeded { evidence });
    }
    Ok(Outcome::Stopped {
        by: "the same work".to_owned(),
        evidence,
    })
}

/// Which also ends the row of wrong ones.
async fn time_of_right(lab: &Lab, person: &Person) -> Result<Duration, Inconclusive> {
    let start = Instant::now();
    lab.sign_in_as(person).await?;
    Ok(start.elapsed())
}

async fn taken_address(lab: Arc<Lab>) -> Verdict {
    let fields = [("email", lab.owner.email.as_str()), ("password", PASSWORD)];
    let taken = lab.browser().call("/api/sign_up", &fields).await;
    if taken.status == 409 && taken.error() == "email_taken" {
        return Ok(not_tried(
            "known: it says `email_taken` while TWOFOLD_CONFIRM_ADDRESSES is off; the limit on sign-ups bounds it",
        ));
    }
    let evidence = format!("an account was made over another: {}", brief(&taken));
    if taken.status.is_success() {
        return Ok(Outcome::Succeeded { evidence });
    }
    Err(Inconclusive(brief(&taken)))
}
