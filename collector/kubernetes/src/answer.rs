//! What the table answers: what was written of each part when it changed, side by side.
//!
//! Must never: take longer for a pod that has much to say than copying it takes.

use std::sync::Arc;

use crate::kind::Kind;
use crate::object::{Object, Owner, Said, json};
use crate::pod::Pod;
use crate::question::Question;
use crate::snapshot::{Snapshot, Versioned};

/// Owners above a pod that are told: a ReplicaSet and its deployment, a Job and its CronJob.
const OWNERS_MAX: usize = 4;

/// The bit of a stamp that says whether the answer speaks of a pod.
const POD: u64 = 1;

/// Whether the answer of this stamp speaks of a pod.
pub(crate) fn has_pod(stamp: u64) -> bool {
    stamp & POD != 0
}

/// The parts of an answer.
pub(crate) struct Answer<'s> {
    pod: Option<&'s Versioned<Pod>>,
    owners: Vec<Told<'s>>,
    namespace: Option<&'s Versioned<Object>>,
    node: Option<&'s Versioned<Object>>,
    cluster: Option<&'s Versioned<Object>>,
}

/// An owner.
enum Told<'s> {
    Known(&'s Versioned<Object>),
    /// Only what the owned object says of it.
    Named(&'s Owner),
    /// A deployment of which nothing but the name can be derived.
    Derived(&'s str),
}

impl<'s> Answer<'s> {
    /// What a snapshot has to say to a question.
    pub(crate) fn to(question: &Question<'_>, snapshot: &'s Snapshot) -> Self {
        let pod = question.find(snapshot).map(Arc::as_ref);
        let (namespace, node) = match pod {
            Some(pod) => (Some(&*pod.value.namespace), Some(&*pod.value.node)),
            None => (question.namespace.as_deref(), question.node.as_deref()),
        };
        let object = |kind, key: Option<&str>| snapshot.object(kind, key?).map(Arc::as_ref);
        Self {
            pod,
            owners: pod.map_or_else(Vec::new, |pod| owners(&pod.value, snapshot)),
            namespace: object(Kind::Namespace, namespace),
            node: object(Kind::Node, node),
            cluster: object(Kind::Namespace, Some("kube-system")),
        }
    }

    /// What tells this answer from any other to the same question; never 0.
    pub(crate) fn stamp(&self) -> u64 {
        let version =
            |object: Option<&Versioned<Object>>| object.map_or(0, |object| object.version);
        let owners = self.owners.iter().map(|owner| match owner {
            Told::Known(object) => object.version,
            Told::Named(_) => 0,
            Told::Derived(_) => u64::MAX,
        });
        let parts = [
            self.pod.map_or(0, |pod| pod.version),
            version(self.namespace),
            version(self.node),
            version(self.cluster),
        ];
        // Versions are the table's own, so nobody chooses them to collide.
        let mixed = parts.into_iter().chain(owners).fold(0, |hash: u64, part| {
            (hash.rotate_left(23) ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        (mixed & !POD).max(2) | if self.pod.is_some() { POD } else { 0 }
    }

    /// The answer as JSON, with its stamp and the moment of the snapshot.
    pub(crate) fn write(&self, stamp: u64, since: u64) -> String {
        let mut out = String::with_capacity(1_024);
        out.push_str("{\"stamp\":");
        out.push_str(&stamp.to_string());
        out.push_str(",\"since\":");
        out.push_str(&since.to_string());
        let mut part = |name: &str, json: Option<&str>| {
            if let Some(json) = json {
                out.push_str(",\"");
                out.push_str(name);
                out.push_str("\":");
                out.push_str(json);
            }
        };
        part("pod", self.pod.map(|pod| &*pod.value.json));
        part(
            "namespace",
            self.namespace.map(|object| &*object.value.json),
        );
        part("node", self.node.map(|object| &*object.value.json));
        if let Some(cluster) = self.cluster {
            part("cluster_uid", Some(&json(&&*cluster.value.uid)));
        }
        for (number, owner) in self.owners.iter().enumerate() {
            out.push_str(if number == 0 { ",\"owners\":[" } else { "," });
            owner.write(&mut out);
        }
        if !self.owners.is_empty() {
            out.push(']');
        }
        out.push('}');
        out
    }
}

impl Told<'_> {
    fn write(&self, out: &mut String) {
        let named = |kind, name, uid| {
            json(&Said {
                kind,
                name,
                uid,
                labels: None,
                annotations: None,
            })
        };
        match self {
            Self::Known(object) => out.push_str(&object.value.json),
            Self::Named(owner) => out.push_str(&named(&owner.kind, &owner.name, &owner.uid)),
            Self::Derived(name) => out.push_str(&named(Kind::Deployment.as_str(), name, "")),
        }
    }
}

/// Who owns a pod, who owns that, and so on, as far as is known.
fn owners<'s>(pod: &'s Pod, snapshot: &'s Snapshot) -> Vec<Told<'s>> {
    let mut told = Vec::new();
    let mut next = pod.owner.as_ref();
    while let Some(owner) = next.filter(|_| told.len() < OWNERS_MAX) {
        let kind = Kind::parse(&owner.kind);
        let known = kind.and_then(|kind| snapshot.object(kind, &owner.uid));
        match known {
            Some(object) => {
                told.push(Told::Known(object));
                next = object.value.owner.as_ref();
            }
            None => {
                told.push(Told::Named(owner));
                if kind == Some(Kind::ReplicaSet) {
                    told.extend(deployment(pod, &owner.name).map(Told::Derived));
                }
                next = None;
            }
        }
    }
    told
}

/// The deployment of a ReplicaSet that is not known, or not yet: the pod carries the hash that was
/// appended to its name.
fn deployment<'s>(pod: &Pod, replica_set: &'s str) -> Option<&'s str> {
    let hash = pod.template_hash.as_deref()?;
    let name = replica_set.strip_suffix(hash)?.strip_suffix('-')?;
    (!name.is_empty()).then_some(name)
}
