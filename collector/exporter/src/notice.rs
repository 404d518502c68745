//! What is said about failures, and how often: the first of a kind, then one in ten minutes with
//! the number of those in between.

use std::time::Duration;

use tamis_seldom::Seldom;
use tokio::time::Instant;

use crate::why::Why;

/// Time between two lines of one kind.
const QUIET: Duration = Duration::from_secs(600);

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// Something will be tried again.
    Again(Why),
    /// Records are lost.
    Lost(Why),
    /// The backend has something to say about what it took.
    Warned,
    /// The queue is full and drops.
    Full,
}

/// What was said when.
#[derive(Debug)]
pub(crate) struct Notices(Seldom<Topic>);

impl Default for Notices {
    fn default() -> Self {
        Self(Seldom::new(QUIET))
    }
}

impl Notices {
    /// Whether to say it now, and how many times it was not said since the last line.
    pub(crate) fn due(&self, topic: Topic) -> Option<u64> {
        self.0.due(topic, Instant::now().into_std())
    }
}
