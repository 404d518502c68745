//! The bytes that all requests of a door may hold at one time.
//!
//! A request takes its share as its bytes come, at most twice what it has received and a step
//! more, so a sender that claims much and sends nothing holds a step. When there is no room it
//! waits a while and is told to come again, which also gives its share to the others: two bodies
//! that wait for each other cannot last.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;

/// The unit of the semaphore, whose requests count in 32 bits.
const UNIT: usize = 1 << 10;

/// What a request may hold before any of its bytes came.
pub(crate) const STEP: usize = 64 << 10;

/// When a refused sender should try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The room of a door.
pub(crate) struct Budget {
    units: Arc<Semaphore>,
    total: usize,
    wait: Duration,
}

impl Budget {
    pub(crate) fn new(bytes_max: usize, wait: Duration) -> Self {
        let total = bytes_max.div_ceil(UNIT).clamp(1, u32::MAX as usize >> 1);
        Self {
            units: Arc::new(Semaphore::new(total)),
            total,
            wait,
        }
    }

    /// A share of nothing yet.
    pub(crate) fn share(&self) -> Share<'_> {
        Share {
            budget: self,
            held: None,
        }
    }

    /// Bytes that nobody holds.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.units.available_permits() * UNIT
    }
}

/// What one request holds; given back when dropped.
pub(crate) struct Share<'a> {
    budget: &'a Budget,
    held: Option<OwnedSemaphorePermit>,
}

impl Share<'_> {
    /// Holds at least so many bytes from now on. One that needs more than there is holds it all.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let wanted = bytes.div_ceil(UNIT).min(self.budget.total);
        let held = self
            .held
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more @ 1..) = wanted.checked_sub(held) else {
            return Ok(());
        };
        let units = Arc::clone(&self.budget.units);
        let acquired = units.acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX));
        let Ok(Ok(permit)) = tokio::time::timeout(self.budget.wait, acquired).await else {
            return Err(Refusal::busy(
                "too many bytes are in work, try again later",
                RETRY_AFTER,
            ));
        };
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn shares_come_back_and_never_exceed_the_whole() {
        let budget = Budget::new(10 * UNIT, Duration::ZERO);
        let mut first = budget.share();
        first.grow(4 * UNIT).await.unwrap();
        first.grow(3 * UNIT).await.unwrap();
        assert_eq!(budget.free(), 6 * UNIT);
        let mut second = budget.share();
        assert!(
            second
                .grow(7 * UNIT)
                .await
                .unwrap_err()
                .retry_after
                .is_some()
        );
        drop(first);
        second.grow(usize::MAX).await.unwrap();
        assert_eq!(budget.free(), 0);
        drop(second);
        assert_eq!(budget.free(), 10 * UNIT);
    }
}
