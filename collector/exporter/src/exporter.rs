//! An exporter: a queue, and a task that hands its batches to so many deliveries at one time.
//!
//! Must never: take a batch without room, or end before everything it took is accounted for.

use std::fmt;
use std::ops::AddAssign;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use otlp_wire::Signal;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};
use tracing::{error, warn};

use crate::debug::DebugSink;
use crate::deliver::{Delivery, begun};
use crate::error::{NoRoom, StartError};
use crate::file::FileSink;
use crate::metrics::{Counters, Metrics};
use crate::notice::{Notices, Topic};
use crate::otlp::Backend;
use crate::payload::Payload;
use crate::queue::{Held, Queue};
use crate::settings::{ExporterKind, ExporterSettings, OnFull};
use crate::sink::Sink;
use crate::why::Why;

/// What an exporter could not send before its time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Batches, or parts of them.
    pub batches: u64,
    /// Records in them.
    pub items: u64,
}

impl AddAssign for Left {
    fn add_assign(&mut self, other: Self) {
        self.batches += other.batches;
        self.items += other.items;
    }
}

/// A running exporter.
pub struct Exporter {
    name: Arc<str>,
    on_full: OnFull,
    /// Whether the last attempt failed.
    failing: Arc<AtomicBool>,
    queue: Queue,
    outlet: Arc<Outlet>,
    closing: watch::Sender<Option<Instant>>,
    runner: Mutex<Option<JoinHandle<Left>>>,
}

/// What a room needs to hand its batch over.
struct Outlet {
    name: Arc<str>,
    sender: mpsc::UnboundedSender<Job>,
    counters: Arc<Counters>,
    notices: Arc<Notices>,
}

/// A batch and its room.
struct Job {
    batch: Payload,
    held: Held,
}

/// Room for one batch in the queue of an exporter. Dropping it gives it back.
#[must_use = "a room that is dropped is given back"]
pub struct Room {
    /// None: there is no room, and the exporter drops what does not fit.
    held: Option<Held>,
    outlet: Arc<Outlet>,
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.held.is_some() {
            "room in"
        } else {
            "no room in"
        };
        write!(f, "{kind} {}", self.outlet.name)
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exporter {}", self.name)
    }
}

impl Exporter {
    /// Starts an exporter on the runtime that this is called on. Nothing is connected to before
    /// there is something to send; the file of a `file` exporter is opened.
    ///
    /// # Errors
    /// Settings of no use, files that cannot be read or written.
    pub fn start(settings: ExporterSettings, metrics: &Metrics) -> Result<Self, StartError> {
        if let Some(fault) = check_bounds(&settings).into_iter().next() {
            return Err(fault);
        }
        match &settings.kind {
            ExporterKind::Otlp(otlp) => {
                let backend = Backend::open(&settings.name, otlp)?;
                Ok(Self::run(&settings, metrics, backend))
            }
            ExporterKind::File(file) => {
                let sink = FileSink::open(&settings.name, file)?;
                Ok(Self::run(&settings, metrics, sink))
            }
            ExporterKind::Debug(debug) => {
                let sink = DebugSink::new(&settings.name, *debug);
                Ok(Self::run(&settings, metrics, sink))
            }
        }
    }

    /// Starts the task that sends to this sink.
    pub(crate) fn run<S: Sink>(settings: &ExporterSettings, metrics: &Metrics, sink: S) -> Self {
        let name = Arc::clone(&settings.name);
        let counters = metrics.of(&name);
        let notices = Arc::new(Notices::default());
        let (sender, jobs) = mpsc::unbounded_channel();
        let (closing, closing_seen) = watch::channel(None);
        let failing = Arc::new(AtomicBool::new(false));
        let delivery = Delivery {
            name: Arc::clone(&name),
            sink,
            retry: settings.retry.clone(),
            counters: Arc::clone(&counters),
            notices: Arc::clone(&notices),
            closing: closing_seen,
            failing: Arc::clone(&failing),
        };
        let consumers = match settings.kind {
            ExporterKind::Otlp(_) => settings.queue.consumers.max(1),
            ExporterKind::File(_) | ExporterKind::Debug(_) => 1,
        };
        Self {
            on_full: settings.on_full,
            failing,
            queue: Queue::new(&settings.queue, Arc::clone(&counters)),
            outlet: Arc::new(Outlet {
                name: Arc::clone(&name),
                sender,
                counters,
                notices,
            }),
            name,
            closing,
            runner: Mutex::new(Some(tokio::spawn(run(Arc::new(delivery), jobs, consumers)))),
        }
    }

    /// Its name in the config.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Takes room for a batch: for `on_full: refuse` it waits as long as set; for `on_full: drop`
    /// it never waits, and the room it gives may be one whose batch is dropped and counted.
    ///
    /// Dropping the future leaves nothing behind. Those who wait are served in turn; whoever needs
    /// room in several exporters must take it in the same order as everybody else.
    ///
    /// # Errors
    /// There is no room, or never will be.
    pub async fn reserve(&self, signal: Signal, items: u64, bytes: usize) -> Result<Room, NoRoom> {
        let held = match (self.queue.size(items, bytes), self.on_full) {
            (Some(size), OnFull::Drop) => self.queue.try_hold(size).ok(),
            (None, OnFull::Drop) => None,
            (Some(size), OnFull::Refuse { wait }) => {
                let exporter = Arc::clone(&self.name);
                match timeout(wait, self.queue.hold(size)).await {
                    Ok(Ok(mut held)) => {
                        if !self.failing.load(Ordering::Relaxed) {
                            self.queue.flow(&mut held).await;
                        }
                        Some(held)
                    }
                    Ok(Err(_)) => return Err(NoRoom::Stopping { exporter }),
                    Err(_) => return Err(NoRoom::Full { exporter }),
                }
            }
            (None, OnFull::Refuse { .. }) => {
                return Err(NoRoom::TooLarge {
                    exporter: Arc::clone(&self.name),
                    items,
                    bytes,
                    items_max: self.queue.items_max,
                    bytes_max: self.queue.bytes_max,
                });
            }
        };
        if held.is_none()
            && let Some(unsaid) = self.outlet.notices.due(Topic::Full)
        {
            warn!(
                exporter = %self.name, %signal, items, unsaid,
                "the queue is full, batches are dropped: see exporters.{}.sending_queue and on_full",
                self.name,
            );
        }
        Ok(Room {
            held,
            outlet: Arc::clone(&self.outlet),
        })
    }

    /// Takes no more, sends what is in the queue until the deadline, and says what is left. Waits
    /// between attempts end at once, and none begins that would end after the deadline.
    ///
    /// Whoever is in a hurry drops the future and calls again with an earlier deadline.
    pub async fn stop(&self, deadline: Instant) -> Left {
        self.queue.close();
        self.closing.send_replace(Some(deadline));
        let mut runner = self.runner.lock().await;
        let Some(task) = runner.as_mut() else {
            return Left::default();
        };
        let left = task.await.unwrap_or_default();
        *runner = None;
        if left.batches > 0 {
            let Left { batches, items } = left;
            error!(
                exporter = %self.name, batches, items,
                "{items} records in {batches} batches were not sent before the stop",
            );
        }
        left
    }
}

impl Room {
    /// Hands the batch over. It must be no larger than what was reserved.
    pub fn put(self, batch: Payload) {
        let (signal, items) = (batch.signal, batch.items);
        let Some(held) = self.held else {
            self.outlet.counters.dropped(signal, items);
            return;
        };
        let job = Job { batch, held };
        if self.outlet.sender.send(job).is_err() {
            self.outlet.counters.failed(signal, Why::Stopped, items);
        }
    }
}

/// Takes jobs from the queue and sends so many at one time, until the queue is closed and empty.
async fn run<S: Sink>(
    delivery: Arc<Delivery<S>>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    consumers: usize,
) -> Left {
    let mut closing = delivery.closing.clone();
    let mut closed = false;
    let mut closing = pin!(begun(&mut closing));
    let mut running = JoinSet::new();
    let mut left = Left::default();
    loop {
        tokio::select! {
            job = jobs.recv(), if running.len() < consumers => {
                let Some(job) = job else { break };
                running.spawn(work(Arc::clone(&delivery), job));
            }
            Some(done) = running.join_next(), if !running.is_empty() => {
                left += done.unwrap_or_default();
            }
            () = closing.as_mut(), if !closed => {
                closed = true;
                jobs.close();
            }
        }
    }
    while let Some(done) = running.join_next().await {
        left += done.unwrap_or_default();
    }
    delivery.sink.finish().await;
    left
}

/// Sends one batch, and gives its room back.
async fn work<S: Sink>(delivery: Arc<Delivery<S>>, job: Job) -> Left {
    let Job { batch, held } = job;
    let left = delivery.deliver(batch).await;
    drop(held);
    left.map_or_else(Left::default, |items| Left { batches: 1, items })
}

/// All that `start` would find, without a file or a connection being opened for writing: settings of
/// no use, files that cannot be read.
#[must_use]
pub fn check(settings: &ExporterSettings) -> Vec<StartError> {
    let mut faults = check_bounds(settings);
    match &settings.kind {
        ExporterKind::Otlp(otlp) => faults.extend(Backend::check(&settings.name, otlp)),
        ExporterKind::File(file) => faults.extend(FileSink::check(&settings.name, file).err()),
        ExporterKind::Debug(_) => {}
    }
    faults
}

fn check_bounds(settings: &ExporterSettings) -> Vec<StartError> {
    let queue = &settings.queue;
    let bounds = [
        (queue.consumers == 0, "sending_queue.num_consumers"),
        (
            queue.items_max == 0 || queue.bytes_max == 0,
            "sending_queue.queue_size",
        ),
    ];
    let wrong = bounds.into_iter().filter(|(is_zero, _)| *is_zero);
    let fault = |(_, setting)| StartError::Setting {
        setting: format!("exporters.{}.{setting}", settings.name),
        problem: "expected at least 1".into(),
    };
    wrong.map(fault).collect()
}
