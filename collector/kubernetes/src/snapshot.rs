//! Everything that is known at one moment, immutable once it is published.
//!
//! The maps are persistent: a changed copy shares all but a path with the one before, so publishing
//! after every change is cheap and readers keep what they hold.
//!
//! Must never: let a pod be found by a key that is not its own any more.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use rpds::HashTrieMapSync;

use crate::kind::Kind;
use crate::object::Object;
use crate::pod::Pod;

/// Something with the number of the change that brought it.
#[derive(Debug)]
pub(crate) struct Versioned<T> {
    pub(crate) version: u64,
    pub(crate) value: T,
}

/// A pod of a snapshot.
pub(crate) type PodRef = Arc<Versioned<Pod>>;
/// Pods that share a key, the first of them first.
type Sharing = Box<[PodRef]>;
type Objects = HashTrieMapSync<Arc<str>, Arc<Versioned<Object>>>;

/// What is known at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    by_uid: HashTrieMapSync<Arc<str>, PodRef>,
    by_ip: HashTrieMapSync<IpAddr, Sharing>,
    by_name: HashTrieMapSync<Arc<str>, Sharing>,
    by_container: HashTrieMapSync<Arc<str>, Sharing>,
    objects: BTreeMap<Kind, Objects>,
}

impl Snapshot {
    /// How many pods it has.
    pub(crate) fn pod_count(&self) -> usize {
        self.by_uid.size()
    }

    /// All pods.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &PodRef> {
        self.by_uid.values()
    }

    /// The pod of this UID.
    pub(crate) fn pod(&self, uid: &str) -> Option<&PodRef> {
        self.by_uid.get(uid)
    }

    /// Pods with this address, those apart that share their node's.
    pub(crate) fn with_ip(&self, ip: IpAddr) -> &[PodRef] {
        self.by_ip.get(&ip).map_or(&[], |list| list)
    }

    /// Pods of this name or hostname, in all namespaces.
    pub(crate) fn with_name(&self, name: &str) -> &[PodRef] {
        self.by_name.get(name).map_or(&[], |list| list)
    }

    /// Pods with a container of this id.
    pub(crate) fn with_container(&self, id: &str) -> &[PodRef] {
        self.by_container.get(id).map_or(&[], |list| list)
    }

    /// The object of this kind and key.
    pub(crate) fn object(&self, kind: Kind, key: &str) -> Option<&Arc<Versioned<Object>>> {
        self.objects.get(&kind)?.get(key)
    }

    /// All objects of a kind.
    pub(crate) fn objects(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        let objects = self.objects.get(&kind).into_iter();
        objects
            .flat_map(|objects| objects.values())
            .map(|object| &object.value)
    }

    /// Puts a pod in, in place of the one of its UID.
    pub(crate) fn put_pod(&mut self, pod: PodRef) {
        let uid = Arc::clone(&pod.value.uid);
        self.cut_pod(&uid);
        let Pod {
            ips,
            host_network,
            name,
            hostname,
            container_ids,
            ..
        } = &pod.value;
        for ip in ips.iter().filter(|_| !host_network) {
            join(&mut self.by_ip, *ip, &pod);
        }
        for name in std::iter::once(name).chain(hostname) {
            join(&mut self.by_name, Arc::clone(name), &pod);
        }
        for id in container_ids {
            join(&mut self.by_container, Arc::clone(id), &pod);
        }
        self.by_uid.insert_mut(uid, pod);
    }

    /// Takes a pod out; true if it was there.
    pub(crate) fn cut_pod(&mut self, uid: &str) -> bool {
        let Some(pod) = self.by_uid.get(uid).cloned() else {
            return false;
        };
        for ip in &pod.value.ips {
            leave(&mut self.by_ip, ip, uid);
        }
        for name in std::iter::once(&pod.value.name).chain(&pod.value.hostname) {
            leave(&mut self.by_name, name, uid);
        }
        for id in &pod.value.container_ids {
            leave(&mut self.by_container, id, uid);
        }
        self.by_uid.remove_mut(uid)
    }

    /// Puts an object in, in place of the one of its key.
    pub(crate) fn put_object(&mut self, kind: Kind, object: Arc<Versioned<Object>>) {
        let objects = self.objects.entry(kind).or_default();
        objects.insert_mut(Arc::clone(&object.value.key), object);
    }

    /// Takes an object out.
    pub(crate) fn cut_object(&mut self, kind: Kind, key: &str) -> bool {
        self.objects
            .get_mut(&kind)
            .is_some_and(|objects| objects.remove_mut(key))
    }
}

fn join<K: Hash + Eq>(map: &mut HashTrieMapSync<K, Sharing>, key: K, pod: &PodRef) {
    let mut list = map.get(&key).map_or_else(Vec::new, |list| list.to_vec());
    list.push(Arc::clone(pod));
    list.sort_by(|a, b| a.value.before(&b.value));
    map.insert_mut(key, list.into());
}

fn leave<K: Hash + Eq + Clone>(map: &mut HashTrieMapSync<K, Sharing>, key: &K, uid: &str) {
    let Some(list) = map.get(key) else {
        return;
    };
    let rest: Vec<PodRef> = list
        .iter()
        .filter(|pod| *pod.value.uid != *uid)
        .cloned()
        .collect();
    match rest.is_empty() {
        true => {
            map.remove_mut(key);
        }
        false => map.insert_mut(key.clone(), rest.into()),
    }
}
