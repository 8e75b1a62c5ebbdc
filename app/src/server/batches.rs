//! Deleting much, a little at a time, so that no request waits for it. Several nodes may do the same at once: what is gone
//! already is not missed.

use std::time::Duration;

const BATCH: usize = 100;
const BREATH: Duration = Duration::from_millis(50);

/// Deletes one by one whatever `find` gives, which is asked for up to so many again and again; says how many there were.
///
/// # Errors
/// What `find` and `delete` fail with; what was deleted before stays deleted.
pub async fn delete_in_batches<T, E, Found, Deleted>(
    find: impl Fn(usize) -> Found,
    delete: impl Fn(T) -> Deleted,
) -> Result<usize, E>
where
    Found: Future<Output = Result<Vec<T>, E>>,
    Deleted: Future<Output = Result<(), E>>,
{
    let mut deleted = 0;
    loop {
        let batch = find(BATCH).await?;
        let found = batch.len();
        for one in batch {
            delete(one).await?;
        }
        deleted += found;
        if found < BATCH {
            return Ok(deleted);
        }
        tokio::time::sleep(BREATH).await;
    }
}
