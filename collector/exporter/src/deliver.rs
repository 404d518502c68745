//! The way of one batch out of the queue: cut to size, encoded, tried, tried again, accounted for.
//!
//! Parts go out one after the other, so what was accepted is never sent again. Whatever happens,
//! a panic included, each record is counted once: the account counts what is left when it is
//! dropped.
//!
//! Must never: say anything about a batch but its signal, its size and a reason from our own set.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use otlp_wire::{Signal, split};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{debug, info, warn};

use crate::backoff::Backoff;
use crate::metrics::Counters;
use crate::notice::{Notices, Topic};
use crate::payload::Payload;
use crate::settings::RetrySettings;
use crate::sink::{Outcome, Sink};
use crate::why::Why;

/// How many times its bytes a batch may be encoded because its parts were too large. Halving adds
/// little, unless the context of the records is most of it.
const HALVING_FACTOR: usize = 16;

/// Everything that sends batches of one exporter.
pub(crate) struct Delivery<S> {
    pub(crate) name: Arc<str>,
    pub(crate) sink: S,
    pub(crate) retry: RetrySettings,
    pub(crate) counters: Arc<Counters>,
    pub(crate) notices: Arc<Notices>,
    /// The end of all work, once it is known.
    pub(crate) closing: watch::Receiver<Option<Instant>>,
    /// Whether the last attempt failed.
    pub(crate) failing: Arc<AtomicBool>,
}

/// A batch, or a part of it.
struct Part {
    bytes: Bytes,
    items: u64,
}

/// How far a part came.
enum Fate {
    /// It is accounted for.
    Done,
    /// It has to be smaller.
    TooLarge(Why),
    /// There is no time left for it.
    Stopped,
}

impl<S: Sink> Delivery<S> {
    /// Sends a batch. Returns the records that were neither sent nor given up because the time
    /// was over, or `None` if there are none.
    pub(crate) async fn deliver(&self, batch: Payload) -> Option<u64> {
        let mut account = Account {
            counters: &self.counters,
            signal: batch.signal,
            items: batch.items,
        };
        let mut closing = self.closing.clone();
        let finished = tokio::select! {
            biased;
            () = deadline(&mut closing) => false,
            finished = self.send(batch, &mut account) => finished,
        };
        if finished {
            account.failed(Why::Internal, account.items);
            return None;
        }
        let left = account.items;
        account.failed(Why::Stopped, left);
        Some(left)
    }

    /// Sends the batch in parts; false if the time was over.
    async fn send(&self, batch: Payload, account: &mut Account<'_>) -> bool {
        let signal = batch.signal;
        let mut budget = batch.bytes.len().saturating_mul(HALVING_FACTOR);
        let whole = Part {
            bytes: batch.bytes,
            items: batch.items,
        };
        let mut parts = cut(signal, whole, self.sink.part_bytes_max());
        while let Some(part) = parts.pop() {
            match self.send_part(signal, &part, account).await {
                Fate::Done => {}
                Fate::Stopped => return false,
                Fate::TooLarge(why) => {
                    let (items, size) = (part.items, part.bytes.len());
                    budget = budget.saturating_sub(size);
                    let halves = cut(signal, part, size / 2);
                    if halves.len() > 1 && budget > 0 {
                        debug!(exporter = %self.name, %signal, items, "too large, sent in parts");
                        parts.extend(halves);
                    } else {
                        self.lose(why, items, account);
                    }
                }
            }
        }
        true
    }

    async fn send_part(&self, signal: Signal, part: &Part, account: &mut Account<'_>) -> Fate {
        let body = match self.sink.encode(signal, part.bytes.clone()).await {
            Ok(body) => body,
            Err(Why::TooLarge) => return Fate::TooLarge(Why::TooLarge),
            Err(why) => {
                self.lose(why, part.items, account);
                return Fate::Done;
            }
        };
        let mut backoff = Backoff::new(&self.retry);
        let first = Instant::now();
        loop {
            let (after, why) = match self.sink.attempt(signal, body.clone()).await {
                Outcome::Accepted { rejected } => {
                    self.counters.sent_bytes(signal, body.len());
                    self.accepted(rejected, part.items, account);
                    return Fate::Done;
                }
                Outcome::TooLarge(why) => return Fate::TooLarge(why),
                Outcome::Refused(why) => {
                    self.lose(why, part.items, account);
                    return Fate::Done;
                }
                Outcome::Again { after, why } => (after, why),
            };
            self.failing.store(true, Ordering::Relaxed);
            let Some(wait) = backoff.next(after, first.elapsed()) else {
                self.lose(why, part.items, account);
                return Fate::Done;
            };
            self.again(signal, why, wait);
            if !self.wait(wait).await {
                return Fate::Stopped;
            }
        }
    }

    /// Waits before the next attempt. When the stop begins, the wait ends at once; after that, one
    /// that would end too late is not begun, and false is returned.
    async fn wait(&self, wait: Duration) -> bool {
        let mut closing = self.closing.clone();
        let end = *closing.borrow_and_update();
        if let Some(end) = end {
            let late = Instant::now() + wait >= end;
            if !late {
                sleep(wait).await;
            }
            return !late;
        }
        tokio::select! {
            () = sleep(wait) => {}
            () = begun(&mut closing) => {}
        }
        true
    }

    fn accepted(&self, rejected: Option<u64>, items: u64, account: &mut Account<'_>) {
        if self.failing.swap(false, Ordering::Relaxed) {
            info!(exporter = %self.name, "exporter sends again");
        }
        let lost = rejected.unwrap_or(0).min(items);
        account.failed(Why::Rejected, lost);
        account.sent(items - lost);
        if rejected.is_none() {
            return;
        }
        let topic = if lost > 0 {
            Topic::Lost(Why::Rejected)
        } else {
            Topic::Warned
        };
        if let Some(unsaid) = self.notices.due(topic) {
            warn!(
                exporter = %self.name, signal = %account.signal, items, rejected = lost, unsaid,
                "the backend took a batch and rejected some of its records for good, or warned \
                 about it; why stands in the backend's own log",
            );
        }
    }

    /// Counts records that will not be sent.
    fn lose(&self, why: Why, items: u64, account: &mut Account<'_>) {
        account.failed(why, items);
        if let Some(unsaid) = self.notices.due(Topic::Lost(why)) {
            let hint = self.sink.hint(account.signal, why).unwrap_or_default();
            warn!(
                exporter = %self.name, signal = %account.signal, reason = %why, items, unsaid,
                "records are not sent: {why}{}{hint}", if hint.is_empty() { "" } else { "; " },
            );
        }
    }

    fn again(&self, signal: Signal, why: Why, wait: Duration) {
        self.counters.retry(signal, why);
        if let Some(unsaid) = self.notices.due(Topic::Again(why)) {
            let hint = self.sink.hint(signal, why).unwrap_or_default();
            let wait_ms = wait.as_millis();
            warn!(
                exporter = %self.name, %signal, reason = %why, wait_ms, unsaid,
                "an attempt failed and is made again: {why}{}{hint}",
                if hint.is_empty() { "" } else { "; " },
            );
        }
    }
}

/// The parts of a batch, the first one last.
fn cut(signal: Signal, part: Part, bytes_max: usize) -> Vec<Part> {
    if part.bytes.len() <= bytes_max {
        return vec![part];
    }
    let Ok(pieces) = split(signal, &part.bytes, bytes_max) else {
        return vec![part];
    };
    if pieces.len() < 2 {
        return vec![part];
    }
    let part = |piece: otlp_wire::Piece| Part {
        items: piece.records,
        bytes: piece.bytes.into(),
    };
    pieces.into_iter().rev().map(part).collect()
}

/// Returns when the time is over, even if it was cut short meanwhile; never if it is not limited.
async fn deadline(closing: &mut watch::Receiver<Option<Instant>>) {
    begun(closing).await;
    loop {
        let end = *closing.borrow_and_update();
        let Some(end) = end else {
            return pending().await;
        };
        tokio::select! {
            () = sleep_until(end) => return,
            changed = closing.changed() => {
                if changed.is_err() {
                    return sleep_until(end).await;
                }
            }
        }
    }
}

/// Returns when the stop begins; never if nobody is left to begin it.
pub(crate) async fn begun(closing: &mut watch::Receiver<Option<Instant>>) {
    if closing.wait_for(Option::is_some).await.is_err() {
        pending().await
    }
}

/// The records of a batch that are not accounted for yet.
struct Account<'a> {
    counters: &'a Counters,
    signal: Signal,
    items: u64,
}

impl Account<'_> {
    fn sent(&mut self, items: u64) {
        let items = items.min(self.items);
        self.items -= items;
        self.counters.sent(self.signal, items);
    }

    fn failed(&mut self, why: Why, items: u64) {
        let items = items.min(self.items);
        if items > 0 {
            self.items -= items;
            self.counters.failed(self.signal, why, items);
        }
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.failed(Why::Internal, self.items);
    }
}

#[cfg(test)]
#[path = "deliver/tests.rs"]
mod tests;
