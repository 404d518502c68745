//! What a connection is doing, and until when it may.
//!
//! Three states, each with its own time: nothing in work, a head that has begun to come, requests
//! in work. Whoever serves the connection waits for [`Pulse::expired`] beside it. A change of state
//! wakes nobody: the shortest of the times is how often the state is looked at, and so none ends
//! unseen. (A timer set anew twice for each request cost more than the rest of this.)

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::metrics::Counted;
use crate::settings::DoorLimits;
use crate::stream::Version;

/// Bytes that may come while nothing is in work: far more than a head and what is left of a body
/// that was refused, far less than a flood of frames that ask for nothing.
const NOISE_MAX: usize = 1 << 20;

/// The state is not looked at more often than this.
const LOOK_MIN: Duration = Duration::from_millis(10);

/// The pulse of one connection.
pub(crate) struct Pulse {
    state: Mutex<State>,
    limits: DoorLimits,
    version: Version,
}

struct State {
    in_work: usize,
    /// When the last request began or ended, or the connection.
    since: Instant,
    /// Nothing was ever in work.
    fresh: bool,
    /// When a head began to come.
    head: Option<Instant>,
    noise: usize,
}

impl Pulse {
    pub(crate) fn new(limits: &DoorLimits, version: Version) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                in_work: 0,
                since: Instant::now(),
                fresh: true,
                head: None,
                noise: 0,
            }),
            limits: limits.clone(),
            version,
        })
    }

    /// A request is in work until the beat is dropped.
    pub(crate) fn begin(self: &Arc<Self>, counted: Counted) -> Beat {
        let mut state = self.state();
        state.in_work += 1;
        state.since = Instant::now();
        state.fresh = false;
        state.head = None;
        state.noise = 0;
        drop(state);
        Beat {
            pulse: Arc::clone(self),
            _counted: counted,
        }
    }

    /// Bytes have come; whether they are still acceptable.
    pub(crate) fn is_bearable(&self, bytes: usize) -> bool {
        let mut state = self.state();
        if state.in_work > 0 || bytes == 0 {
            return true;
        }
        state.noise += bytes;
        if self.version == Version::Http1 && state.head.is_none() {
            state.head = Some(Instant::now());
        }
        state.noise <= NOISE_MAX
    }

    /// Ends when the connection has been in one state for too long.
    pub(crate) async fn expired(&self) {
        let limits = &self.limits;
        let shortest = limits.header_timeout.min(limits.idle_timeout);
        let look = shortest.min(self.in_work()).max(LOOK_MIN);
        loop {
            let (now, due) = (Instant::now(), self.due());
            if due <= now {
                return;
            }
            sleep_until(due.min(now + look)).await;
        }
    }

    /// Time for the requests in work.
    fn in_work(&self) -> Duration {
        let limits = &self.limits;
        let reading = limits.body_timeout + limits.admission_timeout;
        reading + limits.request_timeout + limits.reply_timeout
    }

    fn due(&self) -> Instant {
        let state = self.state();
        let limits = &self.limits;
        if state.in_work > 0 {
            return state.since + self.in_work();
        }
        let idle = match state.fresh {
            true => limits.header_timeout,
            false => limits.idle_timeout,
        };
        let idle = state.since + idle;
        let head = state.head.map(|head| head + limits.header_timeout);
        head.map_or(idle, |head| head.min(idle))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request in work.
pub(crate) struct Beat {
    pulse: Arc<Pulse>,
    _counted: Counted,
}

impl Drop for Beat {
    fn drop(&mut self) {
        let mut state = self.pulse.state();
        state.in_work -= 1;
        state.since = Instant::now();
    }
}
