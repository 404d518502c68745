//! The room in front of an exporter, bounded in records and in bytes.
//!
//! Room is taken before a batch is handed over and given back when the batch has left the exporter
//! for good, by whatever way: it is held by a value, and dropping that value frees it. Both bounds
//! are semaphores, so those who wait are served in the order of their coming and whoever stops
//! waiting leaves nothing behind.
//!
//! A third bound is soft: while the backend works and more than that is queued, a sender is held up
//! for a moment, so that one that is faster than the backend keeps to its pace and does not fill the
//! memory first that is meant for the time when the backend is gone.
//!
//! Must never: hold more than its settings say.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout;

use crate::metrics::Counters;
use crate::settings::QueueSettings;

/// Bytes that a batch takes at least, for what is kept about it.
const BATCH_BYTES_MIN: u64 = 256;

/// Bytes that may be queued before senders are held up.
const FLOW_BYTES: u32 = 8 << 20;

/// How long a sender is held up.
const FLOW_WAIT: Duration = Duration::from_millis(50);

/// The bounds of one exporter.
#[derive(Debug)]
pub(crate) struct Queue {
    items: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    flow: Arc<Semaphore>,
    pub(crate) items_max: u64,
    pub(crate) bytes_max: u64,
    counters: Arc<Counters>,
}

/// Room taken; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    items: OwnedSemaphorePermit,
    bytes: OwnedSemaphorePermit,
    /// Kept to be given back; nothing for a batch that came in while there was too much.
    flow: Option<OwnedSemaphorePermit>,
    counters: Arc<Counters>,
}

/// What a batch takes: records and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    items: u32,
    bytes: u32,
}

impl Queue {
    pub(crate) fn new(settings: &QueueSettings, counters: Arc<Counters>) -> Self {
        let most = Semaphore::MAX_PERMITS.min(u32::MAX as usize) as u64;
        let items_max = settings.items_max.min(most);
        let bytes_max = settings.bytes_max.min(most);
        counters.capacity(items_max, bytes_max);
        Self {
            items: Arc::new(Semaphore::new(items_max as usize)),
            bytes: Arc::new(Semaphore::new(bytes_max as usize)),
            flow: Arc::new(Semaphore::new(FLOW_BYTES as usize)),
            items_max,
            bytes_max,
            counters,
        }
    }

    /// What a batch would take; `None` if it is larger than the whole queue.
    pub(crate) fn size(&self, items: u64, bytes: usize) -> Option<Size> {
        let bytes = (bytes as u64).max(BATCH_BYTES_MIN.min(self.bytes_max));
        if items > self.items_max || bytes > self.bytes_max {
            return None;
        }
        Some(Size {
            items: u32::try_from(items).ok()?,
            bytes: u32::try_from(bytes).ok()?,
        })
    }

    /// Waits for room.
    ///
    /// # Errors
    /// The queue was closed.
    pub(crate) async fn hold(&self, size: Size) -> Result<Held, AcquireError> {
        let items = Arc::clone(&self.items)
            .acquire_many_owned(size.items)
            .await?;
        let bytes = Arc::clone(&self.bytes)
            .acquire_many_owned(size.bytes)
            .await?;
        Ok(self.held(items, bytes))
    }

    /// Waits until less is queued, but not for long.
    pub(crate) async fn flow(&self, held: &mut Held) {
        let bytes = u32::try_from(held.bytes.num_permits()).unwrap_or(FLOW_BYTES);
        let flow = Arc::clone(&self.flow).acquire_many_owned(bytes.min(FLOW_BYTES));
        held.flow = timeout(FLOW_WAIT, flow).await.ok().and_then(Result::ok);
    }

    /// Takes room if there is some.
    ///
    /// # Errors
    /// There is none, or the queue was closed.
    pub(crate) fn try_hold(&self, size: Size) -> Result<Held, TryAcquireError> {
        let items = Arc::clone(&self.items).try_acquire_many_owned(size.items)?;
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(size.bytes)?;
        Ok(self.held(items, bytes))
    }

    /// From now on there is no room for anybody.
    pub(crate) fn close(&self) {
        self.items.close();
        self.bytes.close();
        self.flow.close();
    }

    fn held(&self, items: OwnedSemaphorePermit, bytes: OwnedSemaphorePermit) -> Held {
        let counters = Arc::clone(&self.counters);
        counters.queue_items.inc_by(items.num_permits() as i64);
        counters.queue_bytes.inc_by(bytes.num_permits() as i64);
        Held {
            items,
            bytes,
            flow: None,
            counters,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self {
            items,
            bytes,
            counters,
            ..
        } = self;
        counters.queue_items.dec_by(items.num_permits() as i64);
        counters.queue_bytes.dec_by(bytes.num_permits() as i64);
    }
}

#[cfg(test)]
#[path = "queue/tests.rs"]
mod tests;
