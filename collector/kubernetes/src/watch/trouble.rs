//! What is said when the API server refuses or cannot be reached: once for each kind and reason, once
//! more from time to time, and when it is over.
//!
//! Must never: fill a log because a server is down, or show more of an error than its kind.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kube::runtime::watcher::Error;

use crate::feed::ListOf;

/// How long to be silent about a trouble that stays the same.
const SILENCE: Duration = Duration::from_secs(300);

/// Troubles that are not over.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    said: BTreeMap<ListOf, (Option<u16>, Instant)>,
}

impl Trouble {
    /// A watch failed.
    pub(super) fn says(&mut self, list: &ListOf, error: &Error) {
        let code = code(error);
        // It resumes by itself, as every watch does that the server ends.
        if code == Some(410) {
            tracing::debug!(kind = resource(list), "kubernetes: the list is read anew");
            return;
        }
        let now = Instant::now();
        let known = self.said.get(list);
        if known.is_some_and(|(before, at)| *before == code && now.duration_since(*at) < SILENCE) {
            return;
        }
        self.said.insert(list.clone(), (code, now));
        let kind = resource(list);
        match code {
            Some(403) => tracing::warn!(
                kind,
                "kubernetes: not allowed to list and watch {kind}: what they say is missing; docs/deploy has the rules"
            ),
            Some(401) => tracing::warn!(
                kind,
                "kubernetes: the credentials are refused; they are read again, and until then what is known is used"
            ),
            Some(code) => tracing::warn!(
                kind,
                code,
                "kubernetes: the API server refuses; it is tried again"
            ),
            None => tracing::warn!(
                kind,
                error = reason(error),
                "kubernetes: the watch failed; it is tried again, and until then what is known is used"
            ),
        }
    }

    /// A list was read.
    pub(super) fn is_over(&mut self, list: &ListOf) {
        if self.said.remove(list).is_some() {
            tracing::info!(kind = resource(list), "kubernetes: the watch works again");
        }
    }
}

/// The HTTP status in an error, if the server gave one.
pub(super) fn code(error: &Error) -> Option<u16> {
    match error {
        Error::WatchError(status) => Some(status.code),
        Error::InitialListFailed(kube::Error::Api(status))
        | Error::WatchStartFailed(kube::Error::Api(status))
        | Error::WatchFailed(kube::Error::Api(status)) => Some(status.code),
        _ => None,
    }
}

fn reason(error: &Error) -> &'static str {
    match error {
        Error::InitialListFailed(_) => "the list cannot be read",
        Error::WatchStartFailed(_) => "the watch cannot be started",
        Error::NoResourceVersion => "the list has no version",
        _ => "the connection broke",
    }
}

fn resource(list: &ListOf) -> &'static str {
    list.kind.map_or("pods", crate::kind::Kind::resource)
}
