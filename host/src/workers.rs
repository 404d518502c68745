//! Workers: one instance of every plugin and the buffers for one batch at a time.
//!
//! Taken for a batch and given back after it. An instance is never used by two batches at once and
//! never shared between chains.

use std::sync::Mutex;
use std::sync::PoisonError;

use tamis_scan::Hits;

use crate::evidence::Runs;
use crate::run::Run;
use crate::step::Scratch;

/// What it takes to work on one batch.
pub(crate) struct Worker {
    /// One for each plugin; none where it is yet to be started.
    pub(crate) runs: Vec<Option<Box<dyn Run>>>,
    pub(crate) scratch: Scratch,
    pub(crate) hits: Hits,
    pub(crate) seen: Runs,
    pub(crate) ranges: Vec<std::ops::Range<usize>>,
}

/// The workers of one chain.
pub(crate) struct Workers {
    state: Mutex<State>,
    max: usize,
    plugins: usize,
    hits_max: usize,
}

struct State {
    #[expect(
        clippy::vec_box,
        reason = "a worker is large, and moves with every batch"
    )]
    idle: Vec<Box<Worker>>,
    made: usize,
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers")
            .field("max", &self.max)
            .finish_non_exhaustive()
    }
}

impl Workers {
    /// Starts with the instances that were made to learn what the plugins ask for.
    pub(crate) fn new(first: Vec<Option<Box<dyn Run>>>, max: usize, hits_max: usize) -> Self {
        let plugins = first.len();
        let workers = Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                made: 1,
            }),
            max: max.max(1),
            plugins,
            hits_max,
        };
        workers.lock().idle.push(workers.worker(first));
        workers
    }

    pub(crate) fn max(&self) -> usize {
        self.max
    }

    /// A worker, unless all are in work.
    pub(crate) fn take(&self) -> Option<Lease<'_>> {
        let mut state = self.lock();
        let worker = match state.idle.pop() {
            Some(worker) => worker,
            None if state.made < self.max => {
                state.made += 1;
                self.worker((0..self.plugins).map(|_| None).collect())
            }
            None => return None,
        };
        Some(Lease {
            workers: self,
            worker: Some(worker),
        })
    }

    fn worker(&self, runs: Vec<Option<Box<dyn Run>>>) -> Box<Worker> {
        Box::new(Worker {
            runs,
            scratch: Scratch::default(),
            hits: Hits::with_limit(self.hits_max),
            seen: Runs::default(),
            ranges: Vec::new(),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker in work. Dropped, it goes back; if its thread panicked, it is thrown away.
pub(crate) struct Lease<'a> {
    workers: &'a Workers,
    worker: Option<Box<Worker>>,
}

impl Lease<'_> {
    pub(crate) fn worker(&mut self) -> Option<&mut Worker> {
        self.worker.as_deref_mut()
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.workers.lock();
        match self.worker.take() {
            Some(worker) if !std::thread::panicking() => state.idle.push(worker),
            _ => state.made -= 1,
        }
    }
}
