//! The table as chains see it: answers from the newest snapshot, without waiting for anybody.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tamis_host::Table;

use crate::answer::Answer;
use crate::question::{QUESTION_BYTES_MAX, Question};
use crate::snapshot::Snapshot;

/// The pods of a cluster, for look-ups. Made by [`Feed::new`](crate::Feed::new).
#[derive(Default)]
pub struct Pods {
    snapshot: ArcSwap<Snapshot>,
    questions: AtomicU64,
    found: AtomicU64,
}

/// What a table counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableCounters {
    /// Pods that are known now.
    pub pods: u64,
    /// Questions that were asked.
    pub questions: u64,
    /// Questions that found a pod.
    pub found: u64,
}

impl Pods {
    /// What is counted.
    #[must_use]
    pub fn counters(&self) -> TableCounters {
        TableCounters {
            pods: self.snapshot.load().pod_count() as u64,
            questions: self.questions.load(Ordering::Relaxed),
            found: self.found.load(Ordering::Relaxed),
        }
    }

    /// Lets everybody see what is known now.
    pub(crate) fn publish(&self, snapshot: &Snapshot) {
        self.snapshot.store(Arc::new(snapshot.clone()));
    }
}

/// Shows how many pods there are, and none of them.
impl fmt::Debug for Pods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pods")
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

impl Table for Pods {
    fn get(&self, keys: &str) -> Result<String, String> {
        if keys.len() > QUESTION_BYTES_MAX {
            return Err("the question is too long".to_owned());
        }
        let question: Question<'_> =
            serde_json::from_str(keys).map_err(|_| "the question is not understood")?;
        let snapshot = self.snapshot.load();
        let answer = Answer::to(&question, &snapshot);
        self.questions.fetch_add(1, Ordering::Relaxed);
        self.found
            .fetch_add(u64::from(answer.has_pod()), Ordering::Relaxed);
        let stamp = answer.stamp();
        if stamp == question.stamp {
            return Ok("{\"same\":true}".to_owned());
        }
        Ok(answer.write(stamp))
    }
}
