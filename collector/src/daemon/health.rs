//! The extension `health_check`: whether batches are taken.
//!
//! Ready while the doors are open and no longer: not before all of them are, and not from the moment
//! on at which the daemon is told to end, so that a load balancer turns away before the doors close.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use serde::Serialize;

use super::web::{Page, Site};

/// Whether batches are taken, as whoever asks for it hears it.
#[derive(Debug)]
pub(crate) struct Health {
    path: String,
    ready: AtomicBool,
    started: Instant,
    started_unix_s: u64,
}

/// The body, with the members that the Collector's extension has.
#[derive(Serialize)]
struct Body {
    status: &'static str,
    #[serde(rename = "upSinceUnixSeconds")]
    up_since_unix_s: u64,
    uptime: String,
}

impl Health {
    /// Not ready yet; heard at this path.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            path: path.into(),
            ready: AtomicBool::new(false),
            started: Instant::now(),
            started_unix_s: now.map_or(0, |now| now.as_secs()),
        }
    }

    /// The doors are open.
    pub(crate) fn opened(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// The doors are about to close.
    pub(crate) fn closing(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }
}

impl Site for Health {
    fn page(&self, path: &str) -> Option<Page> {
        if path != self.path {
            return None;
        }
        let (status, words) = match self.ready.load(Ordering::Relaxed) {
            true => (StatusCode::OK, "Server available"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "Server not available"),
        };
        let body = Body {
            status: words,
            up_since_unix_s: self.started_unix_s,
            uptime: format!("{}s", self.started.elapsed().as_secs()),
        };
        Some(Page {
            status,
            kind: "application/json",
            text: serde_json::to_string(&body).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_while_the_doors_are_open() {
        let health = Health::new("/");
        let status = || health.page("/").map(|page| page.status);
        assert_eq!(status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        health.opened();
        assert_eq!(status(), Some(StatusCode::OK));
        health.closing();
        assert_eq!(status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(health.page("/elsewhere").is_none());
    }
}
