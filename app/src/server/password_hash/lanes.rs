//! A few lanes for heavy work: a lane has one memory buffer, a queue in front of them is bounded, and whoever finds it
//! full is told at once (AV-01). A request that is given up leaves the queue by itself (AV-02).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Block;
use tokio::sync::Semaphore;

use super::HashError;

/// How many may wait for each lane; at 60 ms a hash the last one waits two seconds.
const QUEUE_PER_LANE: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Lanes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Arc<Semaphore>,
    buffers: Mutex<Vec<Vec<Block>>>,
    inside: AtomicUsize,
    most_inside: usize,
}

impl Lanes {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Inner {
            free: Arc::new(Semaphore::new(count)),
            buffers: Mutex::new(Vec::new()),
            inside: AtomicUsize::new(0),
            most_inside: count * (QUEUE_PER_LANE + 1),
        }))
    }

    /// Runs `work` on a blocking thread as soon as a lane is free.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let _place = Place::take(&self.0)?;
        let lane = Arc::clone(&self.0.free)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Interrupted)?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let mut buffer = inner.lock().pop().unwrap_or_default();
            let result = work(&mut buffer);
            inner.lock().push(buffer);
            // Given back only here: a request given up half-way still holds its lane until its hash is done.
            drop(lane);
            result
        })
        .await
        .map_err(|_| HashError::Interrupted)?
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places in the lanes and their queue; dropping it gives it back.
struct Place(Arc<Inner>);

impl Place {
    fn take(inner: &Arc<Inner>) -> Result<Self, HashError> {
        let place = Self(Arc::clone(inner));
        if inner.inside.fetch_add(1, Ordering::Relaxed) >= inner.most_inside {
            return Err(HashError::Busy);
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Lanes, QUEUE_PER_LANE};
    use crate::server::password_hash::HashError;

    fn slow_work(lanes: &Lanes) -> tokio::task::JoinHandle<Result<(), HashError>> {
        let lanes = lanes.clone();
        tokio::spawn(async move {
            lanes
                .run(|_| {
                    std::thread::sleep(Duration::from_millis(20));
                    Ok(())
                })
                .await
        })
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_empties_again() {
        let lanes = Lanes::new(1);

        let tasks: Vec<_> = (0..QUEUE_PER_LANE + 11)
            .map(|_| slow_work(&lanes))
            .collect();
        let mut refused = 0;
        for task in tasks {
            refused += usize::from(matches!(task.await.unwrap(), Err(HashError::Busy)));
        }

        assert_eq!(refused, 10);
        assert!(slow_work(&lanes).await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_request_given_up_leaves_the_queue_and_no_buffer_is_made_twice() {
        let lanes = Lanes::new(1);

        for _ in 0..200 {
            let task = slow_work(&lanes);
            tokio::task::yield_now().await;
            task.abort();
        }
        let after = slow_work(&lanes).await.unwrap();

        assert!(after.is_ok());
        assert_eq!(lanes.0.lock().len(), 1);
    }
}
