//! From an answer of the table to attributes: metadata, labels, annotations.
//!
//! Names and values are the Collector's. A value that is longer than its limit is left out whole: half
//! of it would say something else.
//!
//! Must never: let a label or annotation, which anybody in the cluster may write, make more of a
//! batch than the limits say.

mod containers;
mod fields;
mod owners;

use std::collections::HashSet;

use regex::Regex;
use tamis_sdk::ConfigError;

use crate::memory::Attribute;
use crate::metadata::Metadata;
use crate::settings::Extract;
use crate::table::{Answer, Pod};

pub(crate) use containers::Chosen;
use fields::Fields;
use owners::Owners;

/// Bytes of one value.
const VALUE_BYTES_MAX: usize = 4_096;
/// Bytes of one name.
const NAME_BYTES_MAX: usize = 512;
/// Attributes that are added to one resource.
const ATTRIBUTES_MAX: usize = 256;
/// Pod annotations of this prefix name attributes, if the settings say so.
const OTEL_PREFIX: &str = "resource.opentelemetry.io/";

/// What becomes an attribute.
#[derive(Debug)]
pub(crate) struct Extraction {
    metadata: Vec<Metadata>,
    labels: Fields,
    annotations: Fields,
    otel_annotations: bool,
    deployment_from_replicaset: bool,
    exclude: Vec<Regex>,
}

impl Extraction {
    pub(crate) fn new(settings: &Extract, exclude: Vec<Regex>, faults: &mut ConfigError) -> Self {
        let named = settings.metadata.as_deref().unwrap_or_default();
        let mut metadata = Vec::new();
        for (number, name) in named.iter().enumerate() {
            match Metadata::parse(name) {
                Some(known) => metadata.push(known),
                None => {
                    let path = format!("extract.metadata[{number}]");
                    faults.add(&path, "is no attribute of a pod that is known; docs/plugins/k8s-attributes.md lists them".to_owned());
                }
            }
        }
        if named.is_empty() {
            metadata.extend(Metadata::STANDARD);
        }
        metadata.sort_unstable();
        metadata.dedup();
        Self {
            metadata,
            labels: Fields::new("labels", settings.labels.as_deref(), faults),
            annotations: Fields::new("annotations", settings.annotations.as_deref(), faults),
            otel_annotations: settings.otel_annotations,
            deployment_from_replicaset: settings.deployment_name_from_replicaset,
            exclude,
        }
    }

    /// The attributes for a resource of which the table said this.
    pub(crate) fn attributes(&self, answer: &Answer, chosen: &Chosen<'_>) -> Vec<Attribute> {
        let mut found = Attributes::default();
        if let Some(pod) = &answer.pod {
            if self.exclude.iter().any(|name| name.is_match(&pod.name)) {
                return Vec::new();
            }
            if self.otel_annotations {
                for (key, value) in &pod.annotations {
                    if let Some(name) = key.strip_prefix(OTEL_PREFIX) {
                        found.add(name, value);
                    }
                }
            }
            self.of_pod(answer, pod, chosen, &mut found);
        } else {
            self.without_pod(answer, &mut found);
        }
        self.labels.extract(
            answer,
            |object| &object.labels,
            |pod| &pod.labels,
            &mut found,
        );
        self.annotations.extract(
            answer,
            |object| &object.annotations,
            |pod| &pod.annotations,
            &mut found,
        );
        found.list
    }

    fn of_pod(&self, answer: &Answer, pod: &Pod, chosen: &Chosen<'_>, found: &mut Attributes) {
        let owners = Owners::new(answer, pod, self.deployment_from_replicaset);
        let container = containers::of(pod, chosen);
        for &metadata in &self.metadata {
            let value = match metadata {
                Metadata::NamespaceName | Metadata::ServiceNamespace => pod.namespace.clone(),
                Metadata::PodName => pod.name.clone(),
                Metadata::PodUid => pod.uid.clone(),
                Metadata::PodHostname => pod.hostname.clone(),
                Metadata::PodIp => pod.ip.clone(),
                Metadata::PodStartTime => pod.created.clone(),
                Metadata::NodeName => pod.node.clone(),
                Metadata::NodeUid => uid(&answer.node),
                Metadata::ClusterUid => answer.cluster_uid.clone().unwrap_or_default(),
                Metadata::ServiceName => owners.service_name(pod, container.as_ref()),
                Metadata::ServiceVersion => containers::service_version(pod, container.as_ref()),
                Metadata::ServiceInstanceId => {
                    containers::service_instance(pod, container.as_ref())
                }
                _ => match &container {
                    Some(container) => container.value(metadata),
                    None => String::new(),
                },
            };
            found.add(metadata.name(), &value);
            found.add(metadata.name(), &owners.value(metadata));
        }
    }

    /// A resource of a pod that is not known may still name its namespace and its node.
    fn without_pod(&self, answer: &Answer, found: &mut Attributes) {
        for &metadata in &self.metadata {
            match metadata {
                Metadata::NodeUid => found.add(metadata.name(), &uid(&answer.node)),
                Metadata::ClusterUid if answer.namespace.is_some() || answer.node.is_some() => {
                    found.add(
                        metadata.name(),
                        answer.cluster_uid.as_deref().unwrap_or_default(),
                    );
                }
                _ => {}
            }
        }
    }
}

fn uid(object: &Option<crate::table::Object>) -> String {
    object
        .as_ref()
        .map_or_else(String::new, |object| object.uid.clone())
}

/// Attributes, each name once: the first of several counts.
#[derive(Debug, Default)]
struct Attributes {
    list: Vec<Attribute>,
    names: HashSet<String>,
}

impl Attributes {
    /// Adds an attribute, unless it has no value, is beyond a limit or is there.
    fn add(&mut self, name: &str, value: &str) {
        let fits = !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && !value.is_empty()
            && value.len() <= VALUE_BYTES_MAX
            && self.list.len() < ATTRIBUTES_MAX;
        if fits && self.names.insert(name.to_owned()) {
            self.list.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Adds an attribute whose value may be empty, as that of a label may.
    fn add_label(&mut self, name: &str, value: &str) {
        if value.is_empty()
            && !name.is_empty()
            && name.len() <= NAME_BYTES_MAX
            && self.list.len() < ATTRIBUTES_MAX
            && self.names.insert(name.to_owned())
        {
            self.list.push((name.to_owned(), String::new()));
        }
        self.add(name, value);
    }
}
