//! Lets a line through now and then, and counts those between.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two lines of one kind.
const PAUSE: Duration = Duration::from_secs(10);

/// One kind of line.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    kept_back: u64,
}

impl Seldom {
    /// Whether a line may go now: then how many were kept back since the last one.
    pub(crate) fn may(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let soon = |last: Instant| now.saturating_duration_since(last) < PAUSE;
        if state.last.is_some_and(soon) {
            state.kept_back += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.kept_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_a_while() {
        let (seldom, now) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.may(now), Some(0));
        assert_eq!(seldom.may(now), None);
        assert_eq!(seldom.may(now + PAUSE / 2), None);
        assert_eq!(seldom.may(now + PAUSE), Some(2));
    }
}
