//! The clusters whose pods processors look up: followed as long as the daemon runs.
//!
//! Must never: keep the daemon from starting because an API server cannot be reached, unless a config
//! says `wait_for_metadata`.

use anyhow::{Context as _, bail};
use tamis_kubernetes::Watcher;

use crate::config::Cluster;

/// A table that is kept up to date, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The processor that looks it up.
    pub(crate) processor: String,
    pub(crate) watcher: Watcher,
}

/// Begins to follow every cluster, and waits for those that are to be known first.
///
/// # Errors
/// Credentials or settings that cannot be used here, or a cluster that is not known in time.
pub(crate) async fn follow(clusters: Vec<Cluster>) -> anyhow::Result<Vec<Followed>> {
    let (mut all, mut awaited) = (Vec::new(), Vec::new());
    for Cluster {
        processor,
        settings,
        feed,
    } in clusters
    {
        let watcher = Watcher::start(feed, &settings).await;
        let watcher = watcher.with_context(|| format!("processors.{processor}"))?;
        awaited.extend(settings.wait().map(|most| (most, all.len())));
        all.push(Followed { processor, watcher });
    }
    for (most, number) in awaited {
        let Some(Followed { processor, watcher }) = all.get(number) else {
            continue;
        };
        let known = tokio::time::timeout(most, watcher.ready()).await;
        if known != Ok(true) {
            let seconds = most.as_secs_f64();
            bail!(
                "processors.{processor}: wait_for_metadata: the pods are not known after wait_for_metadata_timeout of {seconds} s"
            );
        }
    }
    Ok(all)
}
