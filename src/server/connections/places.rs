//! How many connections there may be at a time. When there is no place left, a new one gets that of the connection which
//! has waited longest without a request being answered: whoever holds sockets open only pushes out their own (AV-06).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

#[derive(Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    waiting: Arc<Mutex<Waiting>>,
}

/// The connections on which nothing is being answered, the one that has waited longest first. A request that is still
/// arriving is not being answered: whoever sends a byte at a time could hold every place by that.
#[derive(Default)]
struct Waiting {
    next: u64,
    by_age: BTreeMap<u64, Arc<Notify>>,
}

/// The place of one connection; dropping it gives it back.
pub(super) struct Place {
    all: Places,
    turn: Mutex<Option<u64>>,
    given_up: Arc<Notify>,
    asked: Notify,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most)),
            waiting: Arc::default(),
        }
    }

    /// A place for a new connection. Waits only where something is being answered on every other one.
    pub(super) async fn take(&self) -> Arc<Place> {
        let permit = if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            permit
        } else {
            self.give_up_oldest();
            let permit = Arc::clone(&self.free).acquire_owned().await;
            permit.expect("the semaphore is never closed")
        };
        let place = Place {
            all: self.clone(),
            turn: Mutex::new(None),
            given_up: Arc::new(Notify::new()),
            asked: Notify::new(),
            _permit: permit,
        };
        place.wait();
        Arc::new(place)
    }

    fn give_up_oldest(&self) {
        if let Some((_, given_up)) = self.lock().by_age.pop_first() {
            given_up.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A request has begun to arrive; its answer is ready when the result is dropped.
    pub(super) fn ask(self: &Arc<Self>) -> Asked {
        self.wait();
        self.asked.notify_one();
        Asked(Arc::clone(self))
    }

    /// Ends when a newer connection needs the place.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    /// Ends once something was asked on the connection.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Behind all others, also where it was waiting already.
    fn wait(&self) {
        let mut waiting = self.all.lock();
        let turn = waiting.next;
        waiting.next += 1;
        waiting.by_age.insert(turn, Arc::clone(&self.given_up));
        if let Some(earlier) = self.turn().replace(turn) {
            waiting.by_age.remove(&earlier);
        }
    }

    fn stop_waiting(&self) {
        let mut waiting = self.all.lock();
        if let Some(turn) = self.turn().take() {
            waiting.by_age.remove(&turn);
        }
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stop_waiting();
    }
}

/// A request on the connection whose answer is not ready yet.
pub(super) struct Asked(Arc<Place>);

impl Asked {
    /// All of it is here: the connection keeps its place until the answer is ready.
    pub(super) fn has_arrived(&self) {
        self.0.stop_waiting();
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.wait();
    }
}
