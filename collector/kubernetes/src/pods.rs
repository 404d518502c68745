//! The table as chains see it: answers from the newest snapshot, without waiting for anybody.
//!
//! Nearly every question is asked again while nothing has changed, and then two numbers at its begin
//! say all: the moment of the answer that the asker has, and its stamp.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tamis_host::Table;

use crate::answer::{Answer, has_pod};
use crate::question::{QUESTION_BYTES_MAX, Question};
use crate::snapshot::Snapshot;

/// The pods of a cluster, for look-ups. Made by [`Feed::new`](crate::Feed::new).
#[derive(Default)]
pub struct Pods {
    published: ArcSwap<Published>,
    questions: AtomicU64,
    found: AtomicU64,
}

/// A snapshot with the moment at which it was published.
#[derive(Default)]
struct Published {
    moment: u64,
    snapshot: Snapshot,
}

/// The moments of all tables: no two are the same, so that none is taken for that of another table.
static MOMENTS: AtomicU64 = AtomicU64::new(1);

/// The answer where nothing has changed since the moment of the question.
const SAME: &str = "{\"same\":true}";

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
            pods: self.published.load().snapshot.pod_count() as u64,
            questions: self.questions.load(Ordering::Relaxed),
            found: self.found.load(Ordering::Relaxed),
        }
    }

    /// Lets everybody see what is known now.
    pub(crate) fn publish(&self, snapshot: &Snapshot) {
        self.published.store(Arc::new(Published {
            moment: MOMENTS.fetch_add(1, Ordering::Relaxed),
            snapshot: snapshot.clone(),
        }));
    }

    fn count(&self, found: bool) {
        self.questions.fetch_add(1, Ordering::Relaxed);
        self.found.fetch_add(u64::from(found), Ordering::Relaxed);
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
        let published = self.published.load();
        if let Some((since, stamp)) = known(keys)
            && since == published.moment
        {
            self.count(has_pod(stamp));
            return Ok(SAME.to_owned());
        }
        let question: Question<'_> =
            serde_json::from_str(keys).map_err(|_| "the question is not understood")?;
        let answer = Answer::to(&question, &published.snapshot);
        let (stamp, since) = (answer.stamp(), published.moment);
        self.count(has_pod(stamp));
        if stamp == question.stamp {
            return Ok(format!("{{\"same\":true,\"since\":{since}}}"));
        }
        Ok(answer.write(stamp, since))
    }
}

/// The moment and the stamp that a question begins with, as the plugin writes it. To read all of it
/// takes several times longer.
fn known(keys: &str) -> Option<(u64, u64)> {
    let rest = keys.strip_prefix("{\"since\":")?;
    let (since, rest) = rest.split_once(',')?;
    let (stamp, _) = rest.strip_prefix("\"stamp\":")?.split_once(',')?;
    Some((since.parse().ok()?, stamp.parse().ok()?))
}
