//! Where chains run, and how many at one time.
//!
//! A chain takes some 10 us for a clean batch of 17 kB and has up to seconds for a plugin that hangs.
//! Moving every batch off the reactor was measured (two cores, eight connections, CPU time more for
//! each batch than on the spot): `block_in_place` 8 to 20 us, `spawn_blocking` 20 to 40 us, threads of
//! our own behind a channel 5 to 30 us, and up to twice the latency; a bare forward of the whole
//! batch costs 30 us. So a batch runs on the spot, unless it is large or its pipeline was slow a
//! moment ago: then the reactor's other tasks move to another thread first.
//!
//! There are as many lanes as cores; who finds none waits a little, then hears that it may come
//! again. What waits is bounded by the bytes that the doors let in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::block_in_place;

/// Bytes of a batch that is run on the spot.
const ON_THE_SPOT_BYTES_MAX: usize = 512 << 10;
/// A pipeline that took longer for a batch is slow: far longer than a batch that is run on the spot
/// takes, and longer than a busy machine leaves a thread without a core, which at 2 ms made it slow
/// for nothing...
const SLOW: Duration = Duration::from_millis(10);
/// ... for this long.
const SLOW_FOR: Duration = Duration::from_secs(5);
/// Time that a batch waits for a lane.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Lanes for batches in work.
#[derive(Debug)]
pub(crate) struct Lanes {
    places: Semaphore,
    wait_max: Duration,
    began: Instant,
}

/// How fast a pipeline was lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Nanoseconds after the lanes' beginning until which it counts as slow.
    slow_until_ns: AtomicU64,
}

impl Lanes {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            places: Semaphore::new(count.max(1)),
            wait_max: WAIT_MAX,
            began: Instant::now(),
        }
    }

    /// A place, or none when there was none for a while.
    pub(crate) async fn place(&self) -> Option<Lane<'_>> {
        let permit = match self.places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => {
                let waited = tokio::time::timeout(self.wait_max, self.places.acquire()).await;
                waited.ok()?.ok()?
            }
        };
        Some(Lane {
            lanes: self,
            _permit: permit,
        })
    }
}

/// A place to work in, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Lane<'l> {
    lanes: &'l Lanes,
    _permit: SemaphorePermit<'l>,
}

impl Lane<'_> {
    /// Does the work for a batch of so many bytes, in a pipeline of this pace.
    pub(crate) fn run<T>(
        &self,
        pace: &Pace,
        bytes: usize,
        work: impl FnOnce() -> T,
    ) -> (T, Duration) {
        let started = self.lanes.began.elapsed();
        let slow = pace.slow_until_ns.load(Ordering::Relaxed) > started.as_nanos() as u64;
        let done = match slow || bytes > ON_THE_SPOT_BYTES_MAX {
            true => block_in_place(work),
            false => work(),
        };
        let ended = self.lanes.began.elapsed();
        let took = ended.saturating_sub(started);
        if took > SLOW {
            let until = (ended + SLOW_FOR).as_nanos() as u64;
            pace.slow_until_ns.store(until, Ordering::Relaxed);
        }
        (done, took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_slow_pipeline_leaves_the_reactor() {
        let (lanes, pace) = (Lanes::new(1), Pace::default());
        let lane = lanes.place().await;
        let lane = lane.as_ref();
        let slow = || std::thread::sleep(SLOW * 2);
        assert!(lane.is_some());
        let first = lane.map(|lane| lane.run(&pace, 1, slow).1);
        assert!(first > Some(SLOW));
        assert!(pace.slow_until_ns.load(Ordering::Relaxed) > 0);
        let second = lane.map(|lane| lane.run(&pace, 1, || 7).0);
        assert_eq!(second, Some(7));
    }

    #[tokio::test]
    async fn who_finds_no_place_hears_so() {
        let lanes = Lanes {
            wait_max: Duration::from_millis(1),
            ..Lanes::new(1)
        };
        let first = lanes.place().await;
        assert!(lanes.place().await.is_none());
        drop(first);
        assert!(lanes.place().await.is_some());
    }
}
