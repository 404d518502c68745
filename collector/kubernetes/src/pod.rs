//! A pod as the table keeps it: what it is found by, who comes first of several, and what an answer
//! says of it, written once.
//!
//! Must never: keep more than the settings ask for.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{ContainerStatus, Pod as ApiPod};
use serde::Serialize;

use crate::keep::{Keeps, Map};
use crate::object::{Owner, controller, json};

/// Containers of one pod that are kept.
const CONTAINERS_MAX: usize = 64;
/// Addresses of one pod that are kept.
const IPS_MAX: usize = 16;
/// The annotation by which a pod says that nothing is to be added for it.
const IGNORE: &str = "opentelemetry.io/k8s-processor/ignore";

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pod {
    pub(crate) uid: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) namespace: Arc<str>,
    /// Where it differs from the name.
    pub(crate) hostname: Option<Arc<str>>,
    pub(crate) node: Box<str>,
    pub(crate) ips: Vec<IpAddr>,
    /// Whether its addresses are those of its node, which it shares.
    pub(crate) host_network: bool,
    pub(crate) container_ids: Vec<Arc<str>>,
    pub(crate) owner: Option<Owner>,
    /// The hash that its deployment put into the ReplicaSet's name.
    pub(crate) template_hash: Option<Box<str>>,
    /// Whether it has ended: its address may be another's by now.
    pub(crate) ended: bool,
    /// Whether it was deleted, and is known for a while longer.
    pub(crate) deleted: bool,
    /// Seconds since 1970 at which it started and was created.
    started: (i64, i64),
    /// What an answer says of it.
    pub(crate) json: Box<str>,
}

#[derive(Serialize)]
struct Said<'a> {
    name: &'a str,
    namespace: &'a str,
    uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    ip: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hostname: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    node: &'a str,
    created: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    labels: Map<'a>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    annotations: Map<'a>,
    containers: Vec<SaidContainer<'a>>,
}

#[derive(Serialize)]
struct SaidContainer<'a> {
    name: &'a str,
    image: &'a str,
    runs: Vec<(i64, &'a str, &'a str)>,
}

/// The ids by which a pod is found, where that is asked for.
fn ids<T: FromIterator<Arc<str>>>(containers: &[SaidContainer<'_>], keeps: &Keeps) -> T {
    let asked = containers.iter().filter(|_| keeps.container_ids);
    let ids = asked.flat_map(|container| &container.runs);
    ids.map(|(_, id, _)| *id)
        .filter(|id| !id.is_empty())
        .map(Arc::from)
        .collect()
}

impl Pod {
    /// What is kept of a pod; none if it has no UID, or asks to be left alone.
    pub(crate) fn new(pod: &ApiPod, keeps: &Keeps) -> Option<Self> {
        let meta = &pod.metadata;
        let ignored = meta.annotations.as_ref().and_then(|map| map.get(IGNORE));
        if ignored.is_some_and(|value| value == "true") {
            return None;
        }
        let (uid, name) = (meta.uid.as_deref()?, meta.name.as_deref()?);
        let spec = pod.spec.as_ref();
        let status = pod.status.as_ref();
        let hostname = spec
            .and_then(|spec| spec.hostname.as_deref())
            .unwrap_or_default();
        let node = spec
            .and_then(|spec| spec.node_name.as_deref())
            .unwrap_or_default();
        let containers = containers(pod, keeps);
        let said = Said {
            name,
            namespace: meta.namespace.as_deref().unwrap_or_default(),
            uid,
            ip: status
                .and_then(|status| status.pod_ip.as_deref())
                .unwrap_or_default(),
            hostname,
            node,
            created: meta
                .creation_timestamp
                .as_ref()
                .map_or_else(String::new, |at| at.0.to_string()),
            labels: keeps.pods.labels.of(meta.labels.as_ref()),
            annotations: keeps.pods.annotations.of(meta.annotations.as_ref()),
            containers,
        };
        let seconds = |at: Option<&k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>| {
            at.map_or(i64::MIN, |at| at.0.as_second())
        };
        Some(Self {
            uid: uid.into(),
            name: name.into(),
            namespace: said.namespace.into(),
            hostname: Some(hostname)
                .filter(|host| !host.is_empty() && *host != name)
                .map(Arc::from),
            node: node.into(),
            ips: ips(pod),
            host_network: spec.and_then(|spec| spec.host_network).unwrap_or(false),
            container_ids: ids(&said.containers, keeps),
            owner: controller(meta.owner_references.as_deref()),
            template_hash: meta
                .labels
                .as_ref()
                .and_then(|labels| labels.get("pod-template-hash"))
                .map(|hash| hash.as_str().into()),
            ended: status
                .and_then(|status| status.phase.as_deref())
                .is_some_and(|phase| matches!(phase, "Succeeded" | "Failed")),
            deleted: false,
            started: (
                seconds(status.and_then(|status| status.start_time.as_ref())),
                seconds(meta.creation_timestamp.as_ref()),
            ),
            json: json(&said),
        })
    }

    /// The same, deleted.
    pub(crate) fn buried(&self) -> Self {
        Self {
            deleted: true,
            ..self.clone()
        }
    }

    /// Whether it still runs, as far as is known.
    pub(crate) fn is_alive(&self) -> bool {
        !self.ended && !self.deleted
    }

    /// Who comes first of pods that share a key: who is alive, then who started last.
    pub(crate) fn before(&self, other: &Self) -> Ordering {
        let rank = |pod: &Self| (pod.is_alive(), !pod.deleted, pod.started);
        rank(other)
            .cmp(&rank(self))
            .then_with(|| other.uid.cmp(&self.uid))
    }
}

fn ips(pod: &ApiPod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else {
        return Vec::new();
    };
    let several = status.pod_ips.iter().flatten().map(|one| one.ip.as_str());
    let mut ips: Vec<IpAddr> = status
        .pod_ip
        .as_deref()
        .into_iter()
        .chain(several)
        .filter_map(|text| text.parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical())
        .take(IPS_MAX)
        .collect();
    ips.sort_unstable();
    ips.dedup();
    ips
}

/// Containers of the spec, init containers among them, each with what the status says of its runs.
fn containers<'p>(pod: &'p ApiPod, keeps: &Keeps) -> Vec<SaidContainer<'p>> {
    let mut statuses: BTreeMap<&str, &ContainerStatus> = BTreeMap::new();
    if let Some(status) = &pod.status {
        let lists = [&status.container_statuses, &status.init_container_statuses];
        for one in lists.into_iter().flatten().flatten() {
            statuses.insert(&one.name, one);
        }
    }
    let Some(spec) = &pod.spec else {
        return Vec::new();
    };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let all = spec.containers.iter().chain(init).take(CONTAINERS_MAX);
    all.map(|container| SaidContainer {
        name: &container.name,
        image: container.image.as_deref().unwrap_or_default(),
        runs: statuses
            .get(container.name.as_str())
            .map_or_else(Vec::new, |status| runs(status, keeps)),
    })
    .collect()
}

/// The run before, if it is known, and the one that is.
fn runs<'p>(status: &'p ContainerStatus, keeps: &Keeps) -> Vec<(i64, &'p str, &'p str)> {
    let count = i64::from(status.restart_count);
    let image = if keeps.image_ids {
        status.image_id.as_str()
    } else {
        ""
    };
    let last = status
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    let last = last.and_then(|ended| ended.container_id.as_deref());
    let before = last.map(|id| (count - 1, bare(id), image));
    let now = status
        .container_id
        .as_deref()
        .map(|id| (count, bare(id), image));
    before.into_iter().chain(now).collect()
}

/// A container's id without the runtime's prefix.
pub(crate) fn bare(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}
