//! Labels and annotations that become attributes: by key, or several by a pattern.
//!
//! Must never: let a pattern of the settings meet a part of a key only.

use std::collections::BTreeMap;

use regex::Regex;
use tamis_sdk::ConfigError;

use super::Attributes;
use crate::rules::pattern;
use crate::settings::Field;
use crate::table::{Answer, Object, Pod};

/// Fields that one list may have.
const FIELDS_MAX: usize = 256;

/// The fields of `labels` or of `annotations`.
#[derive(Debug)]
pub(super) struct Fields {
    /// `labels` or `annotations`, as it stands in names of attributes.
    noun: &'static str,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    from: From,
    tag_name: Option<String>,
    key: Key,
}

#[derive(Debug)]
enum Key {
    Exact(String),
    Pattern(Regex),
}

/// Whose labels or annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Pod,
    Namespace,
    Node,
    /// An owner of this kind, and the word for it in names of attributes.
    Owner(&'static str, &'static str),
}

impl From {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "" | "pod" => Self::Pod,
            "namespace" => Self::Namespace,
            "node" => Self::Node,
            "deployment" => Self::Owner("Deployment", "deployment"),
            "statefulset" => Self::Owner("StatefulSet", "statefulset"),
            "daemonset" => Self::Owner("DaemonSet", "daemonset"),
            "job" => Self::Owner("Job", "job"),
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::Namespace => "namespace",
            Self::Node => "node",
            Self::Owner(_, word) => word,
        }
    }
}

impl Fields {
    pub(super) fn new(
        noun: &'static str,
        settings: Option<&[Field]>,
        faults: &mut ConfigError,
    ) -> Self {
        let settings = settings.unwrap_or_default();
        if settings.len() > FIELDS_MAX {
            let message = format!("has {} entries, more than {FIELDS_MAX}", settings.len());
            faults.add(format!("extract.{noun}"), message);
        }
        let fields = settings.iter().take(FIELDS_MAX).enumerate();
        let rules = fields.filter_map(|(number, field)| {
            Rule::new(&format!("extract.{noun}[{number}]"), field, faults)
        });
        Self {
            noun,
            rules: rules.collect(),
        }
    }

    /// Adds what the rules find in an answer.
    pub(super) fn extract(
        &self,
        answer: &Answer,
        of_object: impl Fn(&Object) -> &BTreeMap<String, String>,
        of_pod: impl Fn(&Pod) -> &BTreeMap<String, String>,
        found: &mut Attributes,
    ) {
        for rule in &self.rules {
            let map = match rule.from {
                From::Pod => answer.pod.as_ref().map(&of_pod),
                From::Namespace => answer.namespace.as_ref().map(&of_object),
                From::Node => answer.node.as_ref().map(&of_object),
                From::Owner(kind, _) => {
                    let owner = answer.owners.iter().find(|owner| owner.kind == kind);
                    owner.map(&of_object)
                }
            };
            if let Some(map) = map {
                rule.extract(self.noun, map, found);
            }
        }
    }
}

impl Rule {
    fn new(path: &str, field: &Field, faults: &mut ConfigError) -> Option<Self> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let Some(from) = From::parse(field.from.as_deref().unwrap_or_default()) else {
            let message =
                "must be one of pod, namespace, node, deployment, statefulset, daemonset, job";
            faults.add(format!("{path}.from"), message);
            return None;
        };
        let key = match (given(&field.key), given(&field.key_regex)) {
            (Some(key), None) => Key::Exact(key),
            (None, Some(text)) => {
                let whole = format!("^(?:{text})$");
                Key::Pattern(pattern(&format!("{path}.key_regex"), &whole, faults)?)
            }
            _ => {
                let message = "must have one of `key` and `key_regex`";
                faults.add(path, message);
                return None;
            }
        };
        Some(Self {
            from,
            tag_name: given(&field.tag_name),
            key,
        })
    }

    fn extract(&self, noun: &str, map: &BTreeMap<String, String>, found: &mut Attributes) {
        let standard = |key: &str| format!("k8s.{}.{noun}.{key}", self.from.word());
        match &self.key {
            Key::Exact(key) => {
                if let Some(value) = map.get(key) {
                    let name = self.tag_name.clone().unwrap_or_else(|| standard(key));
                    found.add_label(&name, value);
                }
            }
            Key::Pattern(regex) => {
                for (key, value) in map {
                    let Some(groups) = regex.captures(key) else {
                        continue;
                    };
                    let name = match &self.tag_name {
                        Some(template) => {
                            let mut name = String::new();
                            groups.expand(template, &mut name);
                            name
                        }
                        None => standard(key),
                    };
                    found.add(&name, value);
                }
            }
        }
    }
}
