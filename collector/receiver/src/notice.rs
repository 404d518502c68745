//! Log lines about mistakes of senders and of the config, one a minute for each kind.
//!
//! A line names the mistake, the setting it has to do with and how many lines were left out. It
//! must never hold anything that a sender sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tamis_seldom::Seldom;

/// Between two lines about the same mistake.
const PAUSE: Duration = Duration::from_secs(60);

/// What can be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// The notices of one door.
pub(crate) struct Notices {
    receiver: Arc<str>,
    setting: String,
    said: Seldom<Mistake>,
}

impl Notices {
    pub(crate) fn new(receiver: Arc<str>, setting: String) -> Self {
        Self {
            receiver,
            setting,
            said: Seldom::new(PAUSE),
        }
    }

    /// Says it, unless the same was said a short while ago.
    pub(crate) fn say(&self, mistake: Mistake, text: &str) {
        let Some(left_out) = self.said.due(mistake, Instant::now()) else {
            return;
        };
        let (receiver, setting) = (&*self.receiver, &*self.setting);
        match left_out {
            0 => tracing::warn!(receiver, setting, "{text}"),
            _ => tracing::warn!(receiver, setting, left_out, "{text}"),
        }
    }
}
