//! The way of a batch: through the chain of every pipeline that its receiver feeds, then into the
//! queues of all their exporters, or into none.
//!
//! Room is reserved everywhere, always in the same order, before anything is put anywhere: a sender
//! that is told to come again doubles nothing. What is put counts as accepted, even if the sender
//! went away by then; before that a batch may be dropped at any point and leaves nothing behind.
//!
//! Must never: hand on a batch that did not go through the chain, or say more about one than its
//! refusal does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tamis::{Context, Outcome, Refusal, Report, Signal, Tamis};
use tamis_exporter::{Exporter, Payload};
use tamis_receiver::{Batch, Consumer, Verdict};
use tamis_seldom::Seldom;

use super::audit::Audit;
use super::lanes::{Lane, Lanes, Pace};
use super::telemetry::PipelineMetrics;
use super::verdict::{RETRY_SOON, Refused, later, no_room, refused, words};
use crate::scrub::tally::Tally;
use crate::terminal::printable;

/// One pipeline.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) name: Arc<str>,
    pub(crate) chain: Arc<Tamis>,
    /// Its exporters, by their place in the graph.
    pub(crate) exits: Vec<usize>,
    pub(crate) metrics: PipelineMetrics,
    pub(crate) pace: Pace,
    pub(crate) faults: Seldom<()>,
}

/// Who is told about every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watcher {
    /// A person at a terminal: a line on standard error for each.
    Person,
    /// Nobody.
    Nobody,
}

/// The pipelines, by their place in the graph, that one signal of one receiver feeds.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) signal: Signal,
    pub(crate) receiver: Arc<str>,
    pub(crate) pipelines: Vec<usize>,
}

/// What leads from receivers to exporters.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) exporters: Vec<Arc<Exporter>>,
    pub(crate) lanes: Lanes,
    pub(crate) audit: Option<Audit>,
    pub(crate) watcher: Watcher,
    pub(crate) batches: AtomicU64,
    /// Whether everything stands: what comes before is told to come again.
    pub(crate) open: AtomicBool,
}

/// What a pipeline made of a batch.
struct Made<'g> {
    pipeline: &'g Pipeline,
    report: Arc<Report>,
    /// None when nothing is left to send.
    payload: Option<Payload>,
}

impl Consumer for Graph {
    fn takes(&self, receiver: &str, signal: Signal) -> bool {
        !self.fed(receiver, signal).is_empty()
    }

    async fn consume(&self, batch: Batch) -> Verdict {
        if !self.open.load(Ordering::Acquire) {
            let message = "the daemon is starting".to_owned();
            return later("starting", message, RETRY_SOON).verdict;
        }
        if batch.items == 0 {
            return Verdict::Accepted;
        }
        let taken = match self.through(&batch).await {
            Ok(made) => self.admit(&batch, made).await,
            Err(refused) => Err(refused),
        };
        // Counted at the end and at once, so that what comes in is always what went somewhere.
        for pipeline in self.fed_by(&batch) {
            pipeline.metrics.incoming.inc_by(batch.items);
            if let Err(refused) = &taken {
                pipeline.metrics.refused(refused.reason, batch.items);
            }
        }
        taken.map_or_else(|refused| refused.verdict, |()| Verdict::Accepted)
    }
}

impl Graph {
    fn fed(&self, receiver: &str, signal: Signal) -> &[usize] {
        let mut feeds = self.feeds.iter();
        feeds
            .find(|feed| feed.signal == signal && *feed.receiver == *receiver)
            .map_or(&[], |feed| feed.pipelines.as_slice())
    }

    fn fed_by(&self, batch: &Batch) -> impl Iterator<Item = &Pipeline> {
        let fed = self.fed(&batch.receiver, batch.signal);
        fed.iter().filter_map(|index| self.pipelines.get(*index))
    }

    /// Runs the batch, as it was received, through the chain of each pipeline.
    async fn through(&self, batch: &Batch) -> Result<Vec<Made<'_>>, Refused> {
        let Some(lane) = self.lanes.place().await else {
            let message = "all workers are busy".to_owned();
            return Err(later("busy", message, RETRY_SOON));
        };
        self.fed_by(batch)
            .map(|pipeline| pipeline.make(&lane, batch))
            .collect()
    }

    /// Puts what was made into all queues, or into none.
    async fn admit(&self, batch: &Batch, made: Vec<Made<'_>>) -> Result<(), Refused> {
        let mut parcels = Vec::new();
        for one in &made {
            let exits = one.pipeline.exits.iter();
            let payload = one.payload.iter();
            parcels.extend(
                payload.flat_map(|payload| exits.clone().map(|exit| (*exit, payload.clone()))),
            );
        }
        parcels.sort_by_key(|(exit, _)| *exit);
        let mut rooms = Vec::with_capacity(parcels.len());
        for (exit, payload) in parcels {
            let Some(exporter) = self.exporters.get(exit) else {
                continue;
            };
            let bytes = payload.bytes.len();
            let room = exporter.reserve(payload.signal, payload.items, bytes).await;
            rooms.push((room.map_err(|none| no_room(&none))?, payload));
        }
        // From here on nothing waits and nothing fails.
        for (room, payload) in rooms {
            room.put(payload);
        }
        let ordinal = self.batches.fetch_add(1, Ordering::Relaxed);
        for one in made {
            self.done(batch, ordinal, &one);
        }
        Ok(())
    }

    /// Counts, writes and shows what was done to a batch that was taken.
    fn done(&self, batch: &Batch, ordinal: u64, made: &Made<'_>) {
        let Made {
            pipeline,
            report,
            payload,
        } = made;
        let left = payload.as_ref().map_or(0, |payload| payload.items);
        pipeline.metrics.outgoing.inc_by(left);
        pipeline
            .metrics
            .dropped
            .inc_by(batch.items.saturating_sub(left));
        if let Some(audit) = &self.audit {
            audit.add(&pipeline.name, ordinal, batch.signal, report);
        }
        if self.watcher == Watcher::Person {
            let mut tally = Tally::default();
            tally.records_of(batch.signal, batch.items as usize);
            tally.report(report);
            let of = match self.pipelines.len() {
                1 => String::new(),
                _ => format!("{}: ", pipeline.name),
            };
            eprintln!("{of}{}", printable(&tally.to_string()));
        }
    }
}

impl Pipeline {
    fn make(&self, lane: &Lane<'_>, batch: &Batch) -> Result<Made<'_>, Refused> {
        let context = Context::from_peer(batch.peer.ip().to_string());
        let work = || {
            let bytes = batch.bytes.clone();
            self.chain.process_from(batch.signal, bytes, &context)
        };
        let (outcome, took) = lane.run(&self.pace, batch.bytes.len(), work);
        self.metrics.duration.observe(took.as_secs_f64());
        let (bytes, report) = match outcome {
            Outcome::Unchanged { bytes, report } | Outcome::Edited { bytes, report } => {
                (Some(bytes), report)
            }
            Outcome::Dropped { report } => (None, report),
            Outcome::Refused(refusal) => return Err(self.refuse(&refusal, batch.items)),
        };
        self.tell_faults(&report);
        let payload = bytes.and_then(|bytes| parcel(batch, bytes, &report));
        Ok(Made {
            pipeline: self,
            report: Arc::new(report),
            payload,
        })
    }

    /// One line now and then about plugins that failed and whose policy let the batch go on.
    fn tell_faults(&self, report: &Report) {
        let Some((plugin, fault)) = report.faults.first() else {
            return;
        };
        if let Some(kept_back) = self.faults.due((), Instant::now()) {
            let pipeline = &*self.name;
            tracing::warn!(pipeline, %plugin, %fault, kept_back, "a plugin failed: its policy was applied");
        }
    }

    fn refuse(&self, refusal: &Refusal, items: u64) -> Refused {
        if let Some(kept_back) = self.faults.due((), Instant::now()) {
            let (pipeline, why) = (&*self.name, words(refusal));
            tracing::warn!(pipeline, items, kept_back, "a batch was refused: {why}");
        }
        refused(refusal, items)
    }
}

/// What is left of a batch, if anything.
fn parcel(batch: &Batch, bytes: Bytes, report: &Report) -> Option<Payload> {
    let items = match report.records_dropped {
        0 => batch.items,
        _ => otlp_wire::count(batch.signal, &bytes),
    };
    (items > 0).then_some(Payload {
        signal: batch.signal,
        bytes,
        items,
    })
}
