//! Which pod a resource comes from: the rules of `pod_association`, or those that count without any.
//!
//! A rule whose sources are not all there is passed over, and so is one that finds no pod: the next
//! is tried, which the Collector does not do.
//!
//! Must never: send a condition that the resource did not name.

use std::net::IpAddr;

use tamis_sdk::{ConfigError, Kind};

use crate::settings::{Association, Source, SourceFrom};
use crate::slots::Resource;
use crate::table::By;

/// The attribute that `passthrough` writes.
pub(crate) const POD_IP: &str = "k8s.pod.ip";
/// Rules that one config may have.
const RULES_MAX: usize = 64;
/// Sources that one rule may have, as in the Collector.
const SOURCES_MAX: usize = 4;

/// All rules, in order.
#[derive(Debug, Default)]
pub(crate) struct Associations {
    rules: Vec<Vec<Condition>>,
}

/// One source of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// The address of the connection.
    Connection,
    /// The attribute in this slot, which speaks of this.
    Attribute(usize, By),
    /// The attribute in this slot: an address, or else the name of a pod, as `host.name` is in one.
    Host(usize),
}

/// Names of attributes that are read, by slot; a name has one slot.
pub(crate) fn slot(names: &mut Vec<String>, name: &str) -> usize {
    let known = names.iter().position(|known| known == name);
    known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Kinds of attribute that can say which pod it is.
pub(crate) const KINDS: [Kind; 2] = [Kind::String, Kind::Int];

impl Associations {
    /// The rules that count without any in the settings: as in the Collector, with the UID before
    /// and the name of the host behind them.
    pub(crate) fn standard(names: &mut Vec<String>) -> Self {
        let mut one = |name: &str, by| vec![Condition::Attribute(slot(names, name), by)];
        let mut rules = vec![
            one("k8s.pod.uid", By::Uid),
            one(POD_IP, By::Ip),
            one("ip", By::Ip),
            vec![Condition::Connection],
        ];
        let name = one("k8s.pod.name", By::Name);
        let namespace = one("k8s.namespace.name", By::Namespace);
        let host = Condition::Host(slot(names, "host.name"));
        rules.push([name, namespace.clone()].concat());
        rules.push([vec![host], namespace].concat());
        rules.push(vec![host]);
        Self { rules }
    }

    /// The rules of the settings.
    pub(crate) fn new(
        settings: &[Association],
        names: &mut Vec<String>,
        faults: &mut ConfigError,
        warnings: &mut Vec<String>,
    ) -> Self {
        if settings.len() > RULES_MAX {
            let message = format!("has {} rules, more than {RULES_MAX}", settings.len());
            faults.add("pod_association", message);
            return Self::default();
        }
        let mut rules = Vec::new();
        for (number, association) in settings.iter().enumerate() {
            let path = format!("pod_association[{number}]");
            let sources = association.sources(&path, faults);
            if sources.len() > SOURCES_MAX {
                let message = format!("has {} sources, more than {SOURCES_MAX}", sources.len());
                faults.add(format!("{path}.sources"), message);
                continue;
            }
            let mut rule = Vec::new();
            let mut usable = !sources.is_empty();
            for (at, source) in sources.iter().enumerate() {
                let path = format!("{path}.sources[{at}]");
                match condition(source, &path, names, faults) {
                    Some(condition) => rule.push(condition),
                    None => {
                        usable = false;
                        warnings.push(format!(
                            "{path}.name: no pod is found by this attribute, so the rule is passed over"
                        ));
                    }
                }
            }
            if usable {
                rules.push(rule);
            }
        }
        Self { rules }
    }

    /// The conditions of every rule whose sources are all there.
    pub(crate) fn conditions<'v>(
        &self,
        resource: &Resource<'_, 'v>,
        peer: Option<&'v str>,
    ) -> Vec<Vec<(By, &'v str)>> {
        let read = |condition: &Condition| match *condition {
            Condition::Connection => peer.map(|peer| (By::Ip, peer)),
            Condition::Attribute(slot, by) => resource.text(slot).map(|text| (by, text)),
            Condition::Host(slot) => resource.text(slot).map(|text| match address(text) {
                Some(_) => (By::Ip, text),
                None => (By::Hostname, text),
            }),
        };
        self.rules
            .iter()
            .filter_map(|rule| rule.iter().map(read).collect())
            .collect()
    }

    /// The first address that a rule of one source names: what `passthrough` writes.
    pub(crate) fn address<'v>(
        &self,
        resource: &Resource<'_, 'v>,
        peer: Option<&'v str>,
    ) -> Option<&'v str> {
        let mut found = self.conditions(resource, peer).into_iter();
        found.find_map(|rule| match rule.as_slice() {
            [(By::Ip, text)] => address(text).map(|_| *text),
            _ => None,
        })
    }

    /// Whether any rule needs the host to know who sent a batch.
    pub(crate) fn reads_connection(&self) -> bool {
        self.rules
            .iter()
            .flatten()
            .any(|one| *one == Condition::Connection)
    }
}

fn condition(
    source: &Source,
    path: &str,
    names: &mut Vec<String>,
    faults: &mut ConfigError,
) -> Option<Condition> {
    if source.from == SourceFrom::Connection {
        return Some(Condition::Connection);
    }
    let Some(name) = source.name.as_deref().filter(|name| !name.is_empty()) else {
        let message = "must name the attribute that is the source";
        faults.add(format!("{path}.name"), message);
        // It is a fault already and needs no warning.
        return Some(Condition::Connection);
    };
    let by = match name {
        "k8s.pod.uid" => By::Uid,
        "k8s.pod.ip" | "ip" => By::Ip,
        "k8s.pod.name" => By::Name,
        "k8s.namespace.name" => By::Namespace,
        "k8s.node.name" => By::Node,
        "k8s.pod.hostname" => By::Hostname,
        "container.id" => By::ContainerId,
        "host.name" => return Some(Condition::Host(slot(names, name))),
        _ => return None,
    };
    Some(Condition::Attribute(slot(names, name), by))
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}
