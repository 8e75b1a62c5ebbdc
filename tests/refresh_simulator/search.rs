//! Which schedules are run: all of a given length, in order, or long ones at random; and the shortest that still fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use futures::future::join_all;

use super::bench::{Bench, Spoiled};
use super::event::{Event, Schedule, Start};
use super::run::{Breach, Run, Scope};

/// One for each core of a small machine.
const THREADS: usize = 2;
/// Runs side by side in a thread, each with a database of its own: while one waits for it, another goes on.
const LANES: usize = 4;
/// So many first events decide which lane a schedule belongs to.
const SHARED: usize = 3;

/// The shortest schedule found that breaks a law.
#[derive(Debug)]
pub struct Failure {
    pub schedule: Schedule,
    pub breach: Breach,
}

impl From<Breach> for Failure {
    fn from(breach: Breach) -> Self {
        Self {
            schedule: Schedule::default(),
            breach,
        }
    }
}

/// How many schedules were run, or the one that failed.
pub type Outcome = Result<u64, Failure>;

/// Runs every schedule of `length` events, each on a sign-in of its own.
pub fn all(length: usize, scope: Scope, spoiled: Spoiled) -> Outcome {
    in_lanes(spoiled, |lane, bench, stop| async move {
        let mut choices = Vec::new();
        let mut runs = 0;
        loop {
            // Before a branch is gone down, nobody knows whose it is.
            if choices.len() < SHARED || lane_of(&choices) == lane {
                let mut world = Run::new(&bench, scope, 0).await;
                let result = walk(&mut world, &mut choices, length).await;
                conclude(&bench, scope, world, result).await?;
                runs += u64::from(lane_of(&choices) == lane);
            } else {
                choices.truncate(SHARED);
            }
            if !advance(&mut choices) || stop.load(Ordering::Relaxed) {
                bench.check().await?;
                return Ok(runs);
            }
        }
    })
}

/// Whose branch this is.
fn lane_of(choices: &[(usize, usize)]) -> usize {
    let first = choices.iter().take(SHARED);
    first.fold(0, |number, (choice, _)| number * 7 + choice) % (THREADS * LANES)
}

/// Goes down the branch that `choices` name, and the first one from there on.
async fn walk(
    world: &mut Run,
    choices: &mut Vec<(usize, usize)>,
    length: usize,
) -> Result<(), Breach> {
    for step in 0..length {
        let events = world.possible();
        if events.is_empty() {
            break;
        }
        if step == choices.len() {
            choices.push((0, events.len()));
        }
        world.step(events[choices[step].0]).await?;
    }
    Ok(())
}

/// To the next branch; says whether there is one.
fn advance(choices: &mut Vec<(usize, usize)>) -> bool {
    while let Some((choice, number)) = choices.pop() {
        if choice + 1 < number {
            choices.push((choice + 1, number));
            return true;
        }
    }
    false
}

/// Runs schedules of up to `longest` events at random, half of them with a thief, until `is_enough`. Each has a seed of
/// its own, and so is the same whichever thread runs it.
pub fn random(
    seed: u64,
    longest: usize,
    scope: Scope,
    is_enough: impl Fn(u64, Instant) -> bool + Sync,
) -> Outcome {
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let (next, is_enough) = (&next, &is_enough);
    in_lanes(Spoiled::default(), |_, bench, stop| async move {
        let mut runs = 0;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if is_enough(number, started) || stop.load(Ordering::Relaxed) {
                bench.check().await?;
                return Ok(runs);
            }
            let mut dice = fastrand::Rng::with_seed(seed.wrapping_add(number));
            let has_thief = dice.bool();
            let scope = Scope { has_thief, ..scope };
            // The exchange of a renewed token counts on servers whose clocks agree.
            let skew = match scope.start {
                Start::Renewals => [0, 30, -30][dice.usize(..3)],
                _ => 0,
            };
            let mut world = Run::new(&bench, scope, skew).await;
            let result = stroll(&mut world, &mut dice, longest).await;
            conclude(&bench, scope, world, result).await?;
            runs += 1;
        }
    })
}

async fn stroll(world: &mut Run, dice: &mut fastrand::Rng, longest: usize) -> Result<(), Breach> {
    for _ in 0..dice.usize(4..=longest) {
        // Where there is nothing to do, the token has to grow old first.
        let event = dice.choice(world.possible());
        world.step(event.unwrap_or(Event::Wait(300))).await?;
    }
    Ok(())
}

/// Ends a run; a failure comes with the shortest schedule that fails too.
async fn conclude(
    bench: &Bench,
    scope: Scope,
    world: Run,
    result: Result<(), Breach>,
) -> Result<(), Failure> {
    let schedule = world.schedule().clone();
    let result = match result {
        Ok(()) => world.finish().await,
        breach => breach,
    };
    match result {
        Ok(()) => Ok(()),
        Err(breach) => Err(shrink(bench, scope, schedule, breach).await),
    }
}

/// Runs one schedule.
pub fn one(schedule: &Schedule, scope: Scope) -> Result<(), Breach> {
    block_on(async {
        let bench = Bench::new(Spoiled::default()).await;
        run(&bench, scope, schedule).await
    })
}

async fn run(bench: &Bench, scope: Scope, schedule: &Schedule) -> Result<(), Breach> {
    let start = schedule.start;
    let mut world = Run::new(bench, Scope { start, ..scope }, schedule.skew).await;
    for event in &schedule.events {
        world.step(*event).await?;
    }
    world.finish().await
}

/// Leaves out whatever is not needed for a failure, until every event is.
async fn shrink(
    bench: &Bench,
    scope: Scope,
    mut schedule: Schedule,
    mut breach: Breach,
) -> Failure {
    let mut index = 0;
    while index < schedule.events.len() {
        let mut shorter = schedule.clone();
        shorter.events.remove(index);
        match run(bench, scope, &shorter).await {
            Err(other) => (schedule, breach, index) = (shorter, other, 0),
            Ok(()) => index += 1,
        }
    }
    Failure { schedule, breach }
}

/// Runs `work` in each lane, adds up, and stops everybody at the first failure.
fn in_lanes<F>(
    spoiled: Spoiled,
    work: impl Fn(usize, Bench, Arc<AtomicBool>) -> F + Sync,
) -> Outcome
where
    F: Future<Output = Outcome>,
{
    let stop = Arc::new(AtomicBool::new(false));
    let run = async |lane: usize| {
        let bench = Bench::new(spoiled).await;
        let outcome = work(lane, bench, stop.clone()).await;
        stop.fetch_or(outcome.is_err(), Ordering::Relaxed);
        outcome
    };
    let in_thread = |thread: usize| -> Outcome {
        let lanes = (0..LANES).map(|lane| run(thread * LANES + lane));
        block_on(join_all(lanes)).into_iter().sum()
    };
    thread::scope(|scope| {
        let in_thread = &in_thread;
        let threads = (0..THREADS).map(|thread| scope.spawn(move || in_thread(thread)));
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
