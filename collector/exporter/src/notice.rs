//! What is said about failures, and how often: the first of a kind, then one in ten minutes with
//! the number of those in between.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
#[derive(Debug, Default)]
pub(crate) struct Notices {
    said: Mutex<HashMap<Topic, Said>>,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    unsaid: u64,
}

impl Notices {
    /// Whether to say it now, and how many times it was not said since the last line.
    pub(crate) fn due(&self, topic: Topic) -> Option<u64> {
        let now = Instant::now();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        match said.get_mut(&topic) {
            Some(last) if now.duration_since(last.at) < QUIET => {
                last.unsaid += 1;
                None
            }
            Some(last) => {
                let unsaid = last.unsaid;
                *last = Said { at: now, unsaid: 0 };
                Some(unsaid)
            }
            None => {
                said.insert(topic, Said { at: now, unsaid: 0 });
                Some(0)
            }
        }
    }
}
