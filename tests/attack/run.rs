//! Carries out the attacks of the catalogue, each on a task of its own, and counts what came of them.

use std::any::Any;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::catalogue::{ALL, Attack, When};
use crate::lab::Lab;
use crate::outcome::{Inconclusive, Outcome, Verdict};

/// No attack takes a third of it, but the one that is asked to be patient.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
pub struct Tally {
    stopped: usize,
    not_tried: usize,
    succeeded: Vec<&'static str>,
    inconclusive: Vec<&'static str>,
}

impl Tally {
    fn count(&mut self, attack: &'static Attack, verdict: &Verdict) {
        match verdict {
            Ok(Outcome::Stopped { .. }) => self.stopped += 1,
            Ok(Outcome::NotTried { .. }) => self.not_tried += 1,
            Ok(Outcome::Succeeded { .. }) => self.succeeded.push(attack.name),
            Err(Inconclusive(_)) => self.inconclusive.push(attack.name),
        }
    }

    /// The last lines, and the exit code: 1 if an attack succeeded, 2 if one could not be carried out.
    pub fn close(&self) -> ExitCode {
        println!(
            "\n{} stopped, {} succeeded, {} inconclusive, {} left out for the reason given",
            self.stopped,
            self.succeeded.len(),
            self.inconclusive.len(),
            self.not_tried
        );
        for name in &self.succeeded {
            println!("✗ SUCCEEDED: {name}");
        }
        for name in &self.inconclusive {
            println!("? inconclusive: {name}");
        }
        if !self.succeeded.is_empty() {
            ExitCode::from(1)
        } else if !self.inconclusive.is_empty() || self.stopped == 0 {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        }
    }
}

pub async fn carry_out(lab: Arc<Lab>, tell: impl Fn(&'static Attack, &Verdict)) -> Tally {
    let attacks = || ALL.iter().flat_map(|group| group.attacks);
    let at = |when| attacks().filter(move |attack| attack.when == when);
    let mut tally = Tally::default();
    let mut finish = |attack, verdict: Verdict| {
        tell(attack, &verdict);
        tally.count(attack, &verdict);
    };
    let alongside: Vec<_> = at(When::Alongside)
        .map(|attack| (attack, begin(attack, &lab)))
        .collect();
    for attack in at(When::InTurn) {
        finish(attack, end(begin(attack, &lab)).await);
    }
    for (attack, task) in alongside {
        finish(attack, end(task).await);
    }
    for attack in at(When::Last) {
        finish(attack, end(begin(attack, &lab)).await);
    }
    tally
}

fn begin(attack: &Attack, lab: &Arc<Lab>) -> JoinHandle<Verdict> {
    if let Some((mode, why)) = attack.only
        && mode != lab.mode
    {
        return tokio::spawn(async move { Ok(crate::outcome::not_tried(why)) });
    }
    let within = PATIENCE + lab.patience.confirmation.unwrap_or_default();
    let attack = (attack.run)(Arc::clone(lab));
    tokio::spawn(async move {
        let late = |_| Err(Inconclusive("it came to no end".to_owned()));
        timeout(within, attack).await.unwrap_or_else(late)
    })
}

/// What broke off could not be carried out.
pub async fn end<T>(task: JoinHandle<Result<T, Inconclusive>>) -> Result<T, Inconclusive> {
    task.await.unwrap_or_else(|error| {
        let panic = error.into_panic();
        Err(Inconclusive(format!("it broke off: {}", words(&*panic))))
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "without a word".to_owned())
}

/// One line for each: the attack, what stopped it, and how that shows.
pub fn tell(attack: &'static Attack, verdict: &Verdict) {
    let name = format!("{} [{}]", attack.name, attack.ids);
    match verdict {
        Ok(Outcome::Stopped { by, evidence }) => println!("✓ {name}: stopped by {by}; {evidence}"),
        Ok(Outcome::Succeeded { evidence }) => println!("✗ {name}: SUCCEEDED; {evidence}"),
        Ok(Outcome::NotTried { why }) => println!("- {name}: left out, {why}"),
        Err(Inconclusive(why)) => println!("? {name}: inconclusive, {why}"),
    }
}
