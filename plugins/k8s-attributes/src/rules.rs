//! What the settings come to, checked as a whole so that every fault is told at once.
//!
//! Must never: put a value of the settings into an error; the paths say enough.

use regex::Regex;
use tamis_sdk::{ConfigError, Depth, Interest, Keys, Level, Operation, Place, Role, Subscription};

use crate::association::{Associations, KINDS, slot};
use crate::extract::{Chosen, Extraction};
use crate::settings::{AuthType, Filter, FilterField, Settings};
use crate::slots::Resource;

/// Patterns of `exclude` and conditions of `filter` that one config may have.
const LIST_MAX: usize = 256;
/// Bytes that one compiled pattern may take.
const PATTERN_COMPILED_BYTES_MAX: usize = 1 << 20;
/// Pods that the Collector leaves alone if nothing else is said.
const EXCLUDED: [&str; 2] = ["jaeger-agent", "jaeger-collector"];

/// What the settings come to.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) passthrough: bool,
    pub(crate) associations: Associations,
    pub(crate) extract: Extraction,
    /// Names of the attributes that are read, by slot.
    pub(crate) names: Vec<String>,
    pub(crate) namespace_slot: usize,
    pub(crate) node_slot: usize,
    container_name_slot: usize,
    container_id_slot: usize,
    restart_count_slot: usize,
    warnings: Vec<String>,
}

impl Rules {
    /// Checks the settings.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let (mut names, mut warnings) = (Vec::new(), Vec::new());
        let mut faults = ConfigError::default();
        let associations = match settings.pod_association.as_deref() {
            None | Some([]) => Associations::standard(&mut names),
            Some(rules) => Associations::new(rules, &mut names, &mut faults, &mut warnings),
        };
        let exclude = excluded(settings, &mut faults);
        let extract = Extraction::new(&settings.extract, exclude, &mut faults);
        check_filter(&settings.filter, &mut faults);
        if settings.auth_type == Some(AuthType::Tls) {
            let message =
                "is not supported: name the certificate in a kubeconfig, with `kubeConfig`";
            faults.add("auth_type", message);
        }
        faults.done()?;
        Ok(Self {
            passthrough: settings.passthrough,
            associations,
            extract,
            namespace_slot: slot(&mut names, "k8s.namespace.name"),
            node_slot: slot(&mut names, "k8s.node.name"),
            container_name_slot: slot(&mut names, "k8s.container.name"),
            container_id_slot: slot(&mut names, "container.id"),
            restart_count_slot: slot(&mut names, "k8s.container.restart_count"),
            names,
            warnings,
        })
    }

    /// What the host is asked to show: every resource, and the attributes that say which pod it is.
    pub(crate) fn interest(&self) -> Interest {
        let keys = Keys {
            exact: self.names.clone(),
            ..Keys::default()
        };
        Interest {
            role: Role::Enrich,
            operations: vec![Operation::InsertIfAbsent],
            containers: vec![Level::Resource],
            subscriptions: vec![Subscription {
                places: vec![Place::ResourceAttribute],
                kinds: KINDS.to_vec(),
                keys: Some(keys),
                depth: Depth::Top,
                ..Subscription::default()
            }],
            warnings: self.warnings.clone(),
            ..Interest::default()
        }
    }

    /// What a resource says of the container that it comes from.
    pub(crate) fn chosen<'v>(&self, resource: &Resource<'_, 'v>) -> Chosen<'v> {
        Chosen {
            name: resource.text(self.container_name_slot),
            id: resource.text(self.container_id_slot),
            restart_count: resource.number(self.restart_count_slot),
        }
    }
}

/// A pattern, compiled within limits; a fault if it is none.
pub(crate) fn pattern(path: &str, text: &str, faults: &mut ConfigError) -> Option<Regex> {
    let built = regex::RegexBuilder::new(text)
        .size_limit(PATTERN_COMPILED_BYTES_MAX)
        .dfa_size_limit(PATTERN_COMPILED_BYTES_MAX)
        .build();
    match built {
        Ok(regex) => Some(regex),
        Err(regex::Error::CompiledTooBig(_)) => {
            let message = format!("takes more than {PATTERN_COMPILED_BYTES_MAX} bytes compiled");
            faults.add(path, message);
            None
        }
        Err(_) => {
            faults.add(path, "is no regular expression");
            None
        }
    }
}

fn excluded(settings: &Settings, faults: &mut ConfigError) -> Vec<Regex> {
    let named = settings
        .exclude
        .as_ref()
        .and_then(|exclude| exclude.pods.as_ref());
    let Some(pods) = named else {
        let standard = EXCLUDED.iter();
        return standard
            .filter_map(|name| pattern("exclude", name, faults))
            .collect();
    };
    within("exclude.pods", pods.len(), faults);
    let patterns = pods.iter().take(LIST_MAX).enumerate();
    patterns
        .filter_map(|(number, pod)| {
            pattern(&format!("exclude.pods[{number}].name"), &pod.name, faults)
        })
        .collect()
}

fn check_filter(filter: &Filter, faults: &mut ConfigError) {
    let of_labels = ["equals", "not-equals", "exists", "does-not-exist"];
    check_list("filter.fields", &filter.fields, &of_labels[..2], faults);
    check_list("filter.labels", &filter.labels, &of_labels, faults);
}

fn check_list(
    path: &str,
    list: &Option<Vec<FilterField>>,
    operations: &[&str],
    faults: &mut ConfigError,
) {
    let list = list.as_deref().unwrap_or_default();
    within(path, list.len(), faults);
    for (number, field) in list.iter().take(LIST_MAX).enumerate() {
        let named = field.op.as_deref().filter(|op| !op.is_empty());
        if named.is_some_and(|op| !operations.contains(&op)) {
            let message = format!("must be one of {}", operations.join(", "));
            faults.add(format!("{path}[{number}].op"), message);
        }
    }
}

fn within(path: &str, len: usize, faults: &mut ConfigError) {
    if len > LIST_MAX {
        faults.add(path, format!("has {len} entries, more than {LIST_MAX}"));
    }
}
