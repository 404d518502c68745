//! What stands at the end of an exporter, and what it can say of an attempt.
//!
//! Queueing, splitting, retrying and counting are the same for all of them and stand elsewhere.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use otlp_wire::Signal;

use crate::why::Why;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken; of its records the backend rejected so many, for good.
    Accepted {
        /// Records rejected, or `None` if the backend said nothing of the kind. 0 is a warning.
        rejected: Option<u64>,
    },
    /// It may be taken later, not before this time has passed.
    Again { after: Option<Duration>, why: Why },
    /// A smaller one may be taken.
    TooLarge(Why),
    /// It will never be taken.
    Refused(Why),
}

/// A place that batches are written to.
pub(crate) trait Sink: Send + Sync + 'static {
    /// Bytes of a batch, as protobuf, above which it is cut before it is encoded.
    fn part_bytes_max(&self) -> usize;

    /// The batch as it is written, made once for all attempts; [`Why::TooLarge`] if a smaller one
    /// would do.
    fn encode(
        &self,
        signal: Signal,
        batch: Bytes,
    ) -> impl Future<Output = Result<Bytes, Why>> + Send;

    /// Writes it. The future may be dropped at any time.
    fn attempt(&self, signal: Signal, body: Bytes) -> impl Future<Output = Outcome> + Send;

    /// What a user can do about it.
    fn hint(&self, signal: Signal, why: Why) -> Option<String>;

    /// Nothing will be written any more.
    fn finish(&self) -> impl Future<Output = ()> + Send;
}
