//! Log lines about mistakes of senders and of the config, one a minute for each kind.
//!
//! A line names the mistake, the setting it has to do with and how many lines were left out. It
//! must never hold anything that a sender sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines about the same mistake.
const PAUSE: Duration = Duration::from_secs(60);

/// What can be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    PlainOnTls,
    TlsOnPlain,
    HttpOnGrpc,
    GrpcOnHttp,
    Handshake,
    OtherSignal,
    NoPipeline,
    UnknownMembers,
    Unauthenticated,
    Malformed,
    TooLarge,
    Overload,
    Accept,
    Reload,
}

const KINDS: usize = Mistake::Reload as usize + 1;

/// The notices of one door.
pub(crate) struct Notices {
    receiver: Arc<str>,
    setting: String,
    said: Mutex<[(Option<Instant>, u64); KINDS]>,
}

impl Notices {
    pub(crate) fn new(receiver: Arc<str>, setting: String) -> Self {
        Self {
            receiver,
            setting,
            said: Mutex::new([(None, 0); KINDS]),
        }
    }

    /// Says it, unless the same was said a short while ago.
    pub(crate) fn say(&self, mistake: Mistake, text: &str) {
        let Some(left_out) = self.due(mistake, Instant::now()) else {
            return;
        };
        let (receiver, setting) = (&*self.receiver, &*self.setting);
        match left_out {
            0 => tracing::warn!(receiver, setting, "{text}"),
            _ => tracing::warn!(receiver, setting, left_out, "{text}"),
        }
    }

    /// How many lines were left out since the last one, if one is due.
    fn due(&self, mistake: Mistake, now: Instant) -> Option<u64> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, left_out) = said.get_mut(mistake as usize)?;
        if last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            *left_out += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_for_each_mistake() {
        let notices = Notices::new("otlp".into(), String::new());
        let start = Instant::now();
        assert_eq!(notices.due(Mistake::Accept, start), Some(0));
        assert_eq!(notices.due(Mistake::Accept, start), None);
        assert_eq!(notices.due(Mistake::Reload, start), Some(0));
        assert_eq!(notices.due(Mistake::Accept, start + PAUSE), Some(1));
        assert_eq!(notices.due(Mistake::Accept, start + 2 * PAUSE), Some(0));
    }
}
