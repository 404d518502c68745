//! What is told about the cluster, made into snapshots.
//!
//! One feed writes, any number of look-ups read. What comes again unchanged, as everything does when
//! a list is read anew, changes nothing and keeps its stamp. A deleted pod is known for a while
//! longer, since its last telemetry comes late; it is forgotten by its UID, so that its successor of
//! the same name (a StatefulSet's) stays.
//!
//! Must never: publish while it is told to hold, or forget what was not said to be gone.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod as ApiPod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::keep::Keeps;
use crate::kind::Kind;
use crate::object::Object;
use crate::pod::Pod;
use crate::pods::Pods;
use crate::settings::Settings;
use crate::snapshot::{PodRef, Snapshot, Versioned};

/// How long a deleted pod stays known.
const GRACE: Duration = Duration::from_secs(120);

/// Writes a table.
#[derive(Debug)]
pub struct Feed {
    table: Arc<Pods>,
    now: Snapshot,
    keeps: Keeps,
    version: u64,
    holds: bool,
    /// Pods that were deleted, and when.
    graves: VecDeque<(Instant, Arc<str>)>,
    /// Lists that are being read: the UIDs that were seen so far.
    lists: BTreeMap<ListOf, HashSet<Box<str>>>,
}

/// What a list is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListOf {
    /// The kind; none for pods.
    pub(crate) kind: Option<Kind>,
    /// The namespace; none for all.
    pub(crate) namespace: Option<Arc<str>>,
}

impl Feed {
    /// An empty table that keeps what these settings ask for.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            table: Arc::default(),
            now: Snapshot::default(),
            keeps: settings.keeps.clone(),
            version: 0,
            holds: false,
            graves: VecDeque::new(),
            lists: BTreeMap::new(),
        }
    }

    /// The table that it writes.
    #[must_use]
    pub fn table(&self) -> Arc<Pods> {
        Arc::clone(&self.table)
    }

    /// Holds everything back until [`Feed::release`]: a table that is half read would answer without
    /// owners.
    pub fn hold(&mut self) {
        self.holds = true;
    }

    /// Publishes what was held back, and everything from now on.
    pub fn release(&mut self) {
        self.holds = false;
        self.publish();
    }

    /// A pod was added or changed.
    pub fn pod(&mut self, pod: &ApiPod) {
        if self.put_pod(pod) {
            self.publish();
        }
    }

    /// A pod was deleted.
    pub fn pod_deleted(&mut self, pod: &ApiPod) {
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        if self.bury(&uid) {
            self.publish();
        }
    }

    /// A namespace, node or owner was added or changed.
    pub fn object(&mut self, kind: Kind, meta: &ObjectMeta) {
        if self.put_object(kind, meta) {
            self.publish();
        }
    }

    /// A namespace, node or owner was deleted.
    pub fn object_deleted(&mut self, kind: Kind, meta: &ObjectMeta) {
        let key = match kind.is_found_by_name() {
            true => meta.name.as_deref(),
            false => meta.uid.as_deref(),
        };
        if self.now.cut_object(kind, key.unwrap_or_default()) {
            self.publish();
        }
    }

    /// A list begins.
    pub(crate) fn list_begins(&mut self, list: &ListOf) {
        self.lists.insert(list.clone(), HashSet::new());
    }

    /// A pod stands in a list.
    pub(crate) fn pod_listed(&mut self, list: &ListOf, pod: &ApiPod) {
        self.seen(list, pod.metadata.uid.as_deref());
        self.put_pod(pod);
    }

    /// An object stands in a list.
    pub(crate) fn object_listed(&mut self, list: &ListOf, kind: Kind, meta: &ObjectMeta) {
        self.seen(list, meta.uid.as_deref());
        self.put_object(kind, meta);
    }

    /// A list has ended: what should stand in it and does not is gone.
    pub(crate) fn list_ends(&mut self, list: &ListOf) {
        let seen = self.lists.remove(list).unwrap_or_default();
        let within = |namespace: &str| {
            list.namespace
                .as_deref()
                .is_none_or(|wanted| wanted == namespace)
        };
        match list.kind {
            None => {
                let gone =
                    |pod: &&PodRef| within(&pod.value.namespace) && !seen.contains(&*pod.value.uid);
                let gone: Vec<_> = self
                    .now
                    .pods()
                    .filter(gone)
                    .map(|pod| Arc::clone(&pod.value.uid))
                    .collect();
                for uid in gone {
                    self.bury(&uid);
                }
            }
            Some(kind) => {
                let gone =
                    |object: &&Object| within(&object.namespace) && !seen.contains(&*object.uid);
                let gone: Vec<_> = self
                    .now
                    .objects(kind)
                    .filter(gone)
                    .map(|object| Arc::clone(&object.key))
                    .collect();
                for key in gone {
                    self.now.cut_object(kind, &key);
                }
            }
        }
        self.publish();
    }

    /// Forgets pods that were deleted long enough ago. To be called from time to time.
    pub fn expire(&mut self, now: Instant) {
        let mut changed = false;
        while let Some((since, _)) = self.graves.front()
            && now.saturating_duration_since(*since) >= GRACE
        {
            let Some((_, uid)) = self.graves.pop_front() else {
                break;
            };
            let deleted = self.now.pod(&uid).is_some_and(|pod| pod.value.deleted);
            changed |= deleted && self.now.cut_pod(&uid);
        }
        if changed {
            self.publish();
        }
    }

    fn seen(&mut self, list: &ListOf, uid: Option<&str>) {
        if let (Some(seen), Some(uid)) = (self.lists.get_mut(list), uid) {
            seen.insert(uid.into());
        }
    }

    fn put_pod(&mut self, pod: &ApiPod) -> bool {
        let Some(pod) = Pod::new(pod, &self.keeps) else {
            // It may have been known before it asked to be left alone.
            let uid = pod.metadata.uid.as_deref().unwrap_or_default();
            return self.now.cut_pod(uid);
        };
        if self
            .now
            .pod(&pod.uid)
            .is_some_and(|known| known.value == pod)
        {
            return false;
        }
        let value = self.versioned(pod);
        self.now.put_pod(Arc::new(value));
        true
    }

    fn put_object(&mut self, kind: Kind, meta: &ObjectMeta) -> bool {
        let Some(keep) = self.keeps.of_kind(kind) else {
            return false;
        };
        let Some(object) = Object::new(kind, meta, keep) else {
            return false;
        };
        if self
            .now
            .object(kind, &object.key)
            .is_some_and(|known| known.value == object)
        {
            return false;
        }
        let value = self.versioned(object);
        self.now.put_object(kind, Arc::new(value));
        true
    }

    /// Marks a pod as deleted; it is forgotten later.
    fn bury(&mut self, uid: &str) -> bool {
        let Some(known) = self.now.pod(uid).filter(|pod| !pod.value.deleted) else {
            return false;
        };
        let pod = known.value.buried();
        self.graves
            .push_back((Instant::now(), Arc::clone(&pod.uid)));
        // What an answer says of it stays the same, and so does its stamp.
        let version = known.version;
        self.now.put_pod(Arc::new(Versioned {
            version,
            value: pod,
        }));
        true
    }

    fn versioned<T>(&mut self, value: T) -> Versioned<T> {
        self.version += 1;
        Versioned {
            version: self.version,
            value,
        }
    }

    fn publish(&self) {
        if !self.holds {
            self.table.publish(&self.now);
        }
    }
}
