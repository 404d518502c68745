//! Lets a log line of each kind through now and then, and counts those between.
//!
//! Whoever can make the daemon say something can make it say it a million times. The crate is small
//! because the receiver, the exporters and the daemon need the same and know nothing of each other.
//!
//! Must never: hold anything of a line but its kind.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lines of several kinds.
#[derive(Debug)]
pub struct Seldom<K> {
    pause: Duration,
    said: Mutex<HashMap<K, Said>>,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    kept_back: u64,
}

impl<K: Eq + Hash> Seldom<K> {
    /// One line of each kind in this time.
    #[must_use]
    pub fn new(pause: Duration) -> Self {
        Self {
            pause,
            said: Mutex::default(),
        }
    }

    /// Whether a line of this kind may go now: then how many were kept back since the last one.
    pub fn due(&self, kind: K, now: Instant) -> Option<u64> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let first = Said {
            at: now,
            kept_back: 0,
        };
        let Some(last) = said.get_mut(&kind) else {
            said.insert(kind, first);
            return Some(0);
        };
        if now.saturating_duration_since(last.at) < self.pause {
            last.kept_back += 1;
            return None;
        }
        Some(std::mem::replace(last, first).kept_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_while_for_each_kind() {
        let pause = Duration::from_secs(60);
        let (seldom, start) = (Seldom::new(pause), Instant::now());
        assert_eq!(seldom.due("a", start), Some(0));
        assert_eq!(seldom.due("a", start), None);
        assert_eq!(seldom.due("b", start), Some(0));
        assert_eq!(seldom.due("a", start + pause / 2), None);
        assert_eq!(seldom.due("a", start + pause), Some(2));
        assert_eq!(seldom.due("a", start + 2 * pause), Some(0));
    }
}
