//! Follows an API server: one watch for each kind, into one feed.
//!
//! `kube` lists, watches with bookmarks, resumes after a dropped connection, starts over where the
//! server has forgotten where we were (410), and waits longer after each failure. Here stands what is
//! ours: which kinds and with which selectors, what readiness means, what is said when the server
//! refuses, and new credentials when the old ones do not count any more.
//!
//! Must never: write to the cluster, forget what is known because the server cannot be reached, or
//! say a token or an object's content in a log line.

mod connect;
mod kinds;
mod trouble;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use kube::runtime::watcher::{Error as WatcherError, Event};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use connect::{Connect, WatchError};
use kinds::Change;
use trouble::Trouble;

use crate::feed::{Feed, ListOf};
use crate::pods::Pods;
use crate::settings::{Settings, Source};

/// How often deleted pods are looked through.
const EXPIRE_INTERVAL: Duration = Duration::from_secs(5);
/// How long to wait before the credentials are read again after they were refused.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(5);

/// Follows a cluster. Dropped, it stops; the table stays as it is.
#[derive(Debug)]
pub struct Watcher {
    table: Arc<Pods>,
    ready: watch::Receiver<bool>,
    task: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Begins to fill what [`Feed::open`] made of the same settings. Where that is complete, as a file
    /// is, there is nothing to do. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`WatchError`] when the credentials cannot be read. A server that cannot be reached is none: it
    /// is tried for ever.
    pub async fn start(feed: Feed, settings: &Settings) -> Result<Self, WatchError> {
        match settings.source() {
            Source::Nothing | Source::File(_) => Ok(Self {
                table: feed.table(),
                ready: watch::channel(true).1,
                task: None,
            }),
            source => Self::connected(feed, settings, Connect::to(source.clone())).await,
        }
    }

    /// The same with connections of the caller's own, as tests have them.
    ///
    /// # Errors
    /// [`WatchError`] when the first cannot be made.
    pub async fn connected(
        mut feed: Feed,
        settings: &Settings,
        connect: Connect,
    ) -> Result<Self, WatchError> {
        let settings = Settings {
            filter: settings.filter.resolved()?,
            ..settings.clone()
        };
        let client = connect.client().await?;
        feed.hold();
        let (say, ready) = watch::channel(false);
        let table = feed.table();
        let follow = Follow {
            settings,
            connect,
            feed,
            listed: BTreeMap::new(),
            trouble: Trouble::default(),
            ready: say,
        };
        Ok(Self {
            table,
            ready,
            task: Some(tokio::spawn(follow.run(client))),
        })
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> Arc<Pods> {
        Arc::clone(&self.table)
    }

    /// Whether the table is complete: everything that may be read was read once.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Waits until the table is complete; false if that will never be.
    pub async fn ready(&self) -> bool {
        self.ready.clone().wait_for(|ready| *ready).await.is_ok() || self.is_ready()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// What the task works on.
struct Follow {
    settings: Settings,
    connect: Connect,
    feed: Feed,
    /// Which lists were read once, or are refused.
    listed: BTreeMap<ListOf, bool>,
    trouble: Trouble,
    ready: watch::Sender<bool>,
}

/// Why a round of watching ended.
enum End {
    /// The server does not take our credentials.
    Unauthorized,
    /// There is nothing to watch any more, which does not happen.
    Over,
}

impl Follow {
    async fn run(mut self, mut client: kube::Client) {
        loop {
            if let End::Over = self.watch(client.clone()).await {
                return;
            }
            loop {
                tokio::time::sleep(RECONNECT_INTERVAL).await;
                match self.connect.client().await {
                    Ok(fresh) => {
                        client = fresh;
                        break;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "kubernetes: the credentials cannot be read");
                    }
                }
            }
        }
    }

    async fn watch(&mut self, client: kube::Client) -> End {
        let (lists, mut changes) = kinds::follow(&self.settings, &client);
        for list in lists {
            self.listed.entry(list).or_insert(false);
        }
        let mut tick = tokio::time::interval(EXPIRE_INTERVAL);
        loop {
            let change = tokio::select! {
                change = changes.next() => change,
                _ = tick.tick() => {
                    self.feed.expire(Instant::now());
                    continue;
                }
            };
            let Some((list, change)) = change else {
                return End::Over;
            };
            match change {
                Ok(change) => self.change(&list, change),
                Err(error) if self.failed(&list, &error) => return End::Unauthorized,
                Err(_) => {}
            }
        }
    }

    fn change(&mut self, list: &ListOf, change: Change) {
        let feed = &mut self.feed;
        match (change, list.kind) {
            (Change::Pod(event), _) => match *event {
                Event::Init => feed.list_begins(list),
                Event::InitApply(pod) => feed.pod_listed(list, &pod),
                Event::InitDone => self.list_ends(list),
                Event::Apply(pod) => feed.pod(&pod),
                Event::Delete(pod) => feed.pod_deleted(&pod),
            },
            (Change::Object(event), Some(kind)) => match *event {
                Event::Init => feed.list_begins(list),
                Event::InitApply(meta) => feed.object_listed(list, kind, &meta),
                Event::InitDone => self.list_ends(list),
                Event::Apply(meta) => feed.object(kind, &meta),
                Event::Delete(meta) => feed.object_deleted(kind, &meta),
            },
            (Change::Object(_), None) => {}
        }
    }

    fn list_ends(&mut self, list: &ListOf) {
        self.feed.list_ends(list);
        self.trouble.is_over(list);
        self.is_listed(list);
    }

    /// A watch failed and will be tried again; true if that needs new credentials.
    fn failed(&mut self, list: &ListOf, error: &WatcherError) -> bool {
        let code = trouble::code(error);
        self.trouble.says(list, error);
        if code == Some(403) {
            // The table is as complete as it can be without.
            self.is_listed(list);
        }
        code == Some(401)
    }

    fn is_listed(&mut self, list: &ListOf) {
        self.listed.insert(list.clone(), true);
        if self.listed.values().all(|listed| *listed) && !*self.ready.borrow() {
            self.feed.release();
            let pods = self.feed.table().counters().pods;
            tracing::info!(pods, "kubernetes: the table is complete");
            self.ready.send_replace(true);
        }
    }
}
