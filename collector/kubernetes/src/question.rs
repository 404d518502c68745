//! A question to the table, and which pod it finds.
//!
//! Rules are tried in order; all conditions of one must hold of the same pod. Where several pods
//! share a key:
//!
//! - **address**: pods that share their node's address (hostNetwork) are never found by it alone. Of
//!   the others who is alive comes first, then who started last; a pod that has ended or was deleted
//!   is found only while no other has its address.
//! - **name**: with a namespace, who is alive comes first, then who started last. Without one, the
//!   name must be that of one living pod in all namespaces, or nothing is found.
//! - **UID and container id** are nobody else's.
//!
//! Must never: find a pod of which a condition of the rule does not hold.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::Deserialize;

use crate::pod::{Pod, bare};
use crate::snapshot::{PodRef, Snapshot};

/// Bytes of a question; a longer one finds nothing.
pub(crate) const QUESTION_BYTES_MAX: usize = 64 << 10;

/// A question.
#[derive(Debug, Deserialize)]
pub(crate) struct Question<'q> {
    #[serde(borrow, default)]
    pod: Vec<Vec<(By, Cow<'q, str>)>>,
    #[serde(borrow, default)]
    pub(crate) namespace: Option<Cow<'q, str>>,
    #[serde(borrow, default)]
    pub(crate) node: Option<Cow<'q, str>>,
    #[serde(default)]
    pub(crate) stamp: u64,
}

/// What a condition speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Ip,
    Uid,
    Name,
    Namespace,
    ContainerId,
    Hostname,
    Node,
    /// What a newer plugin may ask: it holds of no pod.
    #[serde(other)]
    Unknown,
}

type Rule<'q> = [(By, Cow<'q, str>)];

impl Question<'_> {
    /// The pod that the first rule finds that finds one.
    pub(crate) fn find<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s PodRef> {
        self.pod.iter().find_map(|rule| by_rule(rule, snapshot))
    }
}

fn by_rule<'s>(rule: &Rule<'_>, snapshot: &'s Snapshot) -> Option<&'s PodRef> {
    let of = |wanted: By| {
        rule.iter()
            .find(|(by, _)| *by == wanted)
            .map(|(_, text)| text.as_ref())
    };
    let holds = |pod: &&PodRef| rule.iter().all(|(by, text)| holds(&pod.value, *by, text));
    if let Some(uid) = of(By::Uid) {
        return snapshot.pod(uid).filter(holds);
    }
    if let Some(id) = of(By::ContainerId) {
        return snapshot.with_container(bare(id)).iter().find(holds);
    }
    if let Some(name) = of(By::Name).or_else(|| of(By::Hostname)) {
        let mut named = snapshot.with_name(name).iter().filter(holds);
        let first = named.next()?;
        let twin = |other: &PodRef| {
            other.value.is_alive() == first.value.is_alive()
                && other.value.namespace != first.value.namespace
        };
        // Two pods of one name: which of them it is, nobody can say.
        return if named.any(twin) { None } else { Some(first) };
    }
    let ip = address(of(By::Ip)?)?;
    snapshot.with_ip(ip).iter().find(holds)
}

fn holds(pod: &Pod, by: By, text: &str) -> bool {
    match by {
        By::Ip => address(text).is_some_and(|ip| pod.ips.contains(&ip)),
        By::Uid => *pod.uid == *text,
        By::Name => *pod.name == *text,
        By::Namespace => *pod.namespace == *text,
        By::ContainerId => pod.container_ids.iter().any(|id| **id == *bare(text)),
        By::Hostname => *pod.name == *text || pod.hostname.as_deref() == Some(text),
        By::Node => *pod.node == *text,
        By::Unknown => false,
    }
}

/// An address, IPv4 in the form of IPv6 as what it is, without a zone.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.split_once('%').map_or(text, |(bare, _)| bare);
    bare.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}
