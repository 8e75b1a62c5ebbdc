//! A run of either model, and what may happen in it.

use super::bench::Bench;
use super::browser::Naming;
use super::event::{Event, Schedule, Start};
use super::exchange::world::World as ExchangeWorld;
use super::world::World;

/// Seconds within which the parent gets its successor again; said here once more, so that a change is noticed.
pub const GRACE: i64 = 10;

/// The law that was broken.
pub type Breach = String;

/// What may happen in a run.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub start: Start,
    pub tabs: usize,
    pub has_thief: bool,
    /// Whether the thief may have a key, which the owner has not.
    pub thief_binds: bool,
    pub naming: Naming,
}

pub enum Run {
    Renewals(World),
    Exchanges(ExchangeWorld),
}

impl Run {
    pub async fn new(bench: &Bench, scope: Scope, skew: i64) -> Self {
        match scope.start {
            Start::Renewals => Self::Renewals(World::new(bench, scope, skew).await),
            _ => Self::Exchanges(ExchangeWorld::new(bench, scope, skew).await),
        }
    }

    pub fn schedule(&self) -> &Schedule {
        match self {
            Self::Renewals(world) => &world.schedule,
            Self::Exchanges(world) => &world.schedule,
        }
    }

    pub fn possible(&self) -> Vec<Event> {
        match self {
            Self::Renewals(world) => world.possible(),
            Self::Exchanges(world) => world.possible(),
        }
    }

    pub async fn step(&mut self, event: Event) -> Result<(), Breach> {
        match self {
            Self::Renewals(world) => world.step(event).await,
            Self::Exchanges(world) => world.step(event).await,
        }
    }

    pub async fn finish(self) -> Result<(), Breach> {
        match self {
            Self::Renewals(world) => world.finish().await,
            Self::Exchanges(world) => world.finish().await,
        }
    }
}
