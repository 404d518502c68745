//! The end of a daemon: nothing that was acknowledged is lost without being said.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Daemon;

/// What was taken and could not be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) batches: u64,
    pub(crate) items: u64,
}

/// The signals that matter to a daemon. `SIGPIPE` is ignored by every Rust program.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The name of the signal that asks for the end.
    pub(super) async fn end(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.hang_up.recv() => {
                    tracing::warn!("SIGHUP: the config is read at the start only; restart to change it");
                }
            }
        }
    }
}

impl Daemon {
    /// Ends within the timeout; at once when another signal comes.
    pub(super) async fn stop(self, timeout: Duration, mut signals: Signals) -> Lost {
        let (impatience, hurried) = watch::channel(false);
        let impatient = tokio::spawn(async move {
            let name = signals.end().await;
            tracing::warn!(signal = name, "stopping at once");
            let _ = impatience.send(true);
            // Kept, so that a third signal does not kill what writes its last lines.
            std::future::pending::<()>().await;
        });
        let Self {
            receivers,
            graph,
            health,
            sites,
            tables,
        } = self;
        health.closing();
        let now = Instant::now();
        // Requests in work may wait for room in queues that do not drain: they get half of the time.
        let (doors, queues) = (now + timeout / 2, now + timeout);
        let mut closing = JoinSet::new();
        for receiver in receivers {
            let mut hurried = hurried.clone();
            closing.spawn(async move {
                tokio::select! {
                    () = receiver.close(doors) => {}
                    // Dropped, a receiver ends all its connections at once.
                    () = hurry(&mut hurried) => {}
                }
            });
        }
        closing.join_all().await;
        let mut draining = JoinSet::new();
        for exporter in &graph.exporters {
            let (exporter, mut hurried) = (Arc::clone(exporter), hurried.clone());
            draining.spawn(async move {
                tokio::select! {
                    left = exporter.stop(queues) => left,
                    () = hurry(&mut hurried) => exporter.stop(Instant::now()).await,
                }
            });
        }
        let mut lost = Lost::default();
        for left in draining.join_all().await {
            lost.batches += left.batches;
            lost.items += left.items;
        }
        if let Some(audit) = &graph.audit {
            audit.finish();
        }
        impatient.abort();
        drop((sites, tables));
        lost
    }
}

/// Waits until there is a hurry.
async fn hurry(hurried: &mut watch::Receiver<bool>) {
    let _ = hurried.wait_for(|hurried| *hurried).await;
}
