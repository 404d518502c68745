//! Where chains run, and how many at one time.
//!
//! A chain takes some 10 us for a clean batch of 17 kB and has up to seconds for a plugin that hangs.
//! Moving every batch off the reactor was measured (two cores, eight connections, CPU time more for
//! each batch than on the spot): `block_in_place` 8 to 20 us, `spawn_blocking` 20 to 40 us, threads of
//! our own behind a channel 5 to 30 us, and up to twice the latency; a bare forward of the whole
//! batch costs 30 us. So a batch runs on the spot, unless it is large or its pipeline was slow a
//! moment ago: then the reactor's other tasks move to another thread first.
//!
//! What counts as slow is time on a core. A busy machine leaves a thread without one for 10 ms and more,
//! and who took that for slowness worked off the reactor most of the time, just when cores were scarce.
//! That clock costs a call to the system: it is asked for a while after a batch that took long by the
//! clock on the wall.
//!
//! There are as many lanes as cores; who finds none waits a little, then hears that it may come
//! again. What waits is bounded by the bytes that the doors let in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::block_in_place;

/// Bytes of a batch that is run on the spot.
const ON_THE_SPOT_BYTES_MAX: usize = 512 << 10;
/// A pipeline that was longer on a core for a batch is slow: far longer than one that is run on the
/// spot takes...
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
    /// The same about the time until which it is suspected, since a batch took long for whatever reason.
    suspect_until_ns: AtomicU64,
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
        let is_before =
            |until_ns: &AtomicU64| (started.as_nanos() as u64) < until_ns.load(Ordering::Relaxed);
        let before = is_before(&pace.suspect_until_ns).then(on_core);
        let done = match is_before(&pace.slow_until_ns) || bytes > ON_THE_SPOT_BYTES_MAX {
            true => block_in_place(work),
            false => work(),
        };
        let ended = self.lanes.began.elapsed();
        let took = ended.saturating_sub(started);
        if took > SLOW {
            let until_ns = (ended + SLOW_FOR).as_nanos() as u64;
            pace.suspect_until_ns.store(until_ns, Ordering::Relaxed);
            if before.is_some_and(|before| on_core().saturating_sub(before) > SLOW) {
                pace.slow_until_ns.store(until_ns, Ordering::Relaxed);
            }
        }
        (done, took)
    }
}

/// The time that this thread had on a core.
fn on_core() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_slow_pipeline_leaves_the_reactor() {
        let (lanes, pace) = (Lanes::new(1), Pace::default());
        let lane = lanes.place().await;
        let lane = lane.as_ref();
        let is_slow = || pace.slow_until_ns.load(Ordering::Relaxed) > 0;
        let busy = || {
            let end = on_core() + SLOW * 2;
            while on_core() < end {}
        };
        let first = lane.map(|lane| lane.run(&pace, 1, busy).1);
        assert!(first > Some(SLOW) && !is_slow());
        lane.map(|lane| lane.run(&pace, 1, busy));
        assert!(is_slow());
        let next = lane.map(|lane| lane.run(&pace, 1, || 7).0);
        assert_eq!(next, Some(7));
    }

    #[tokio::test]
    async fn a_pipeline_that_had_no_core_is_not_slow() {
        let (lanes, pace) = (Lanes::new(1), Pace::default());
        let lane = lanes.place().await;
        for _ in 0..3 {
            let waits = || std::thread::sleep(SLOW * 2);
            let took = lane.as_ref().map(|lane| lane.run(&pace, 1, waits).1);
            assert!(took > Some(SLOW));
        }
        assert_eq!(pace.slow_until_ns.load(Ordering::Relaxed), 0);
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
