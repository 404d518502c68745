//! The door of the library: a chain, and the ways to hand something to it.

use bytes::Bytes;
use tamis_host::{Chain, Context, Outcome, Signal};

use crate::builder::{BuildError, Builder};

/// A chain of plugins, ready to work on any number of threads.
#[derive(Debug)]
pub struct Tamis {
    pub(crate) chain: Chain,
}

impl Tamis {
    /// The default chain: the plugin `scrub` with its default settings.
    ///
    /// # Errors
    /// [`BuildError`]; nothing may then be sent.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Makes other chains.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Runs the chain over one batch: the serialized `Export...ServiceRequest` of this signal, or
    /// the `TracesData`, `LogsData` or `MetricsData` of a file, which are the same on the wire.
    pub fn process(&self, signal: Signal, batch: impl Into<Bytes>) -> Outcome {
        self.process_from(signal, batch, &Context::default())
    }

    /// The same for a batch of which more is known, such as the sender's address.
    pub fn process_from(
        &self,
        signal: Signal,
        batch: impl Into<Bytes>,
        context: &Context,
    ) -> Outcome {
        self.chain.process(signal, batch.into(), context)
    }

    /// The chain itself: what is known about its plugins, and what was counted.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }
}
