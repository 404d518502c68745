//! What of an object is kept: the labels and annotations that the settings extract, within limits.
//!
//! Annotations can hold anything, whole manifests with their secrets among it, so what nobody asked
//! for never gets into the table.
//!
//! Must never: keep a value because a setting was not understood; what is not asked for is not kept.

use std::collections::{BTreeMap, HashSet};

use regex::{Regex, RegexBuilder};
use serde::Serialize;

use crate::kind::Kind;
use crate::settings::{ExtractSettings, FieldSettings};

/// Bytes of a label's or annotation's value; a longer one is left out.
pub(crate) const VALUE_BYTES_MAX: usize = 4_096;
/// Bytes of all labels, or of all annotations, of one object; beyond it they are left out in the order
/// of their keys.
pub(crate) const MAP_BYTES_MAX: usize = 32 << 10;
/// Bytes that one compiled pattern may take.
const PATTERN_COMPILED_BYTES_MAX: usize = 1 << 20;
/// Prefix of annotations that name attributes.
const OTEL_PREFIX: &str = "resource.opentelemetry.io/";

/// Keys of one map that are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    all: bool,
    exact: HashSet<String>,
    prefixes: Vec<&'static str>,
    patterns: Vec<Regex>,
}

impl Wanted {
    fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    fn wants(&self, key: &str) -> bool {
        self.all
            || self.exact.contains(key)
            || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
            || self.patterns.iter().any(|pattern| pattern.is_match(key))
    }

    /// What is kept of a map.
    pub(crate) fn of<'m>(&self, map: Option<&'m BTreeMap<String, String>>) -> Map<'m> {
        let mut bytes = 0;
        let kept = map.into_iter().flatten().filter(|(key, value)| {
            if value.len() > VALUE_BYTES_MAX || !self.wants(key) {
                return false;
            }
            bytes += key.len() + value.len();
            bytes <= MAP_BYTES_MAX
        });
        Map(kept
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect())
    }
}

/// Labels or annotations that are kept.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Map<'m>(BTreeMap<&'m str, &'m str>);

impl Map<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Labels and annotations of one kind of object that are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keep {
    pub(crate) labels: Wanted,
    pub(crate) annotations: Wanted,
}

/// What is kept of every kind, and which kinds are needed at all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keeps {
    pub(crate) pods: Keep,
    /// Whether pods are found by the ids of their containers.
    pub(crate) container_ids: bool,
    /// Whether the digests of images are told.
    pub(crate) image_ids: bool,
    kinds: BTreeMap<Kind, Keep>,
}

impl Keeps {
    /// Everything of every kind: for tables whose settings are not known.
    pub(crate) fn everything() -> Self {
        let keep = Keep {
            labels: Wanted::everything(),
            annotations: Wanted::everything(),
        };
        Self {
            kinds: Kind::ALL
                .into_iter()
                .map(|kind| (kind, keep.clone()))
                .collect(),
            pods: keep,
            container_ids: true,
            image_ids: true,
        }
    }

    /// What the settings ask for.
    /// `sources` are the attributes that say which pod it is.
    pub(crate) fn of<'s>(
        extract: &ExtractSettings,
        mut sources: impl Iterator<Item = &'s str>,
    ) -> Self {
        let mut keeps = Self {
            container_ids: sources.any(|name| name == "container.id"),
            image_ids: extract
                .names()
                .any(|name| name == "container.image.repo_digests"),
            ..Self::default()
        };
        for (kind, needed) in kinds_of(extract) {
            if needed {
                keeps.kinds.insert(kind, Keep::default());
            }
        }
        for field in extract.labels.iter().flatten() {
            if let Some(keep) = keeps.from(field) {
                add(&mut keep.labels, field);
            }
        }
        for field in extract.annotations.iter().flatten() {
            if let Some(keep) = keeps.from(field) {
                add(&mut keep.annotations, field);
            }
        }
        let services = extract.names().any(|name| name.starts_with("service."));
        if services {
            let names = ["instance", "name", "version"];
            let names = names.map(|name| format!("app.kubernetes.io/{name}"));
            keeps.pods.labels.exact.extend(names);
        }
        keeps
            .pods
            .labels
            .exact
            .insert("pod-template-hash".to_owned());
        if services || extract.otel_annotations {
            keeps.pods.annotations.prefixes.push(OTEL_PREFIX);
        }
        keeps
    }

    /// What is kept of objects of a kind; none where none is needed.
    pub(crate) fn of_kind(&self, kind: Kind) -> Option<&Keep> {
        self.kinds.get(&kind)
    }

    /// Kinds that are needed.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds.keys().copied()
    }

    fn from(&mut self, field: &FieldSettings) -> Option<&mut Keep> {
        let kind = match field.from.as_deref().unwrap_or_default() {
            "" | "pod" => return Some(&mut self.pods),
            "namespace" => Kind::Namespace,
            "node" => Kind::Node,
            "deployment" => Kind::Deployment,
            "statefulset" => Kind::StatefulSet,
            "daemonset" => Kind::DaemonSet,
            "job" => Kind::Job,
            _ => return None,
        };
        if kind == Kind::Deployment {
            // The way from a pod to its deployment leads over its ReplicaSet.
            self.kinds.entry(Kind::ReplicaSet).or_default();
        }
        Some(self.kinds.entry(kind).or_default())
    }
}

/// Kinds that metadata needs.
fn kinds_of(extract: &ExtractSettings) -> [(Kind, bool); 4] {
    let wants = |wanted: &[&str]| extract.names().any(|name| wanted.contains(&name));
    let by_name = wants(&["k8s.deployment.name", "service.name"]);
    let replica_sets =
        wants(&["k8s.deployment.uid"]) || by_name && !extract.deployment_name_from_replicaset;
    [
        (Kind::Namespace, wants(&["k8s.cluster.uid"])),
        (Kind::Node, wants(&["k8s.node.uid"])),
        (Kind::ReplicaSet, replica_sets),
        (Kind::Job, wants(&["k8s.cronjob.uid"])),
    ]
}

fn add(wanted: &mut Wanted, field: &FieldSettings) {
    if let Some(key) = field.key.as_ref().filter(|key| !key.is_empty()) {
        wanted.exact.insert(key.clone());
    }
    if let Some(text) = field.key_regex.as_ref().filter(|text| !text.is_empty()) {
        // The plugin finds fault with a pattern that is none.
        let pattern = RegexBuilder::new(&format!("^(?:{text})$"))
            .size_limit(PATTERN_COMPILED_BYTES_MAX)
            .build();
        wanted.patterns.extend(pattern);
    }
}
