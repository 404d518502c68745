//! A table from a file: what `kubectl get pods,namespaces,nodes,replicasets -A -o json` prints.
//!
//! For libraries, for tests, and for clusters whose API may not be reached. The file is read once.
//!
//! Must never: take a file for a smaller cluster than it says; what cannot be read is an error.

use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::Pod as ApiPod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use serde_json::Value;

use crate::feed::Feed;
use crate::kind::Kind;
use crate::settings::{Condition, Filter, Is, Settings, SettingsError, Source};

/// Bytes of a file.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Why a file cannot be a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is larger than the limit.
    #[error("{} has {actual} bytes, more than {FILE_BYTES_MAX}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        actual: u64,
    },
    /// It is not a list of objects as kubectl prints it.
    #[error("{}: not a list of objects as `kubectl get -o json` prints it, at line {line}, column {column}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Line; 0 where an item and not the file is at fault.
        line: usize,
        /// Column, or the number of the item.
        column: usize,
    },
    /// A setting does not hold here.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A field that a filter names cannot be looked at in a file.
    #[error(
        "filter.fields: only metadata.name, metadata.namespace, spec.nodeName, status.phase and status.podIP can be compared in a file"
    )]
    Field,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Value>,
}

#[derive(Deserialize)]
struct Named {
    metadata: ObjectMeta,
}

impl Feed {
    /// The table that settings ask for: complete if it comes from a file, else empty yet.
    ///
    /// # Errors
    /// [`FileError`], which names the file.
    pub fn open(settings: &Settings) -> Result<Self, FileError> {
        match settings.source() {
            Source::File(path) => Self::from_file(path, settings),
            _ => Ok(Self::new(settings)),
        }
    }

    /// A table from a file, complete.
    ///
    /// # Errors
    /// [`FileError`], which names the file.
    pub fn from_file(path: &Path, settings: &Settings) -> Result<Self, FileError> {
        let failed = |source| FileError::Read {
            path: path.to_owned(),
            source,
        };
        let actual = std::fs::metadata(path).map_err(failed)?.len();
        if actual > FILE_BYTES_MAX {
            return Err(FileError::TooLarge {
                path: path.to_owned(),
                actual,
            });
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        Self::from_text(path, &text, settings)
    }

    fn from_text(path: &Path, text: &str, settings: &Settings) -> Result<Self, FileError> {
        let form = |line, column| FileError::Form {
            path: path.to_owned(),
            line,
            column,
        };
        let filter = settings.filter.resolved()?;
        if !filter.fields.iter().all(|field| is_known(&field.key)) {
            return Err(FileError::Field);
        }
        let list: List =
            serde_json::from_str(text).map_err(|error| form(error.line(), error.column()))?;
        let mut feed = Self::new(settings);
        feed.hold();
        for (number, item) in list.items.into_iter().enumerate() {
            let bad = |_| form(0, number);
            match item.get("kind").and_then(Value::as_str) {
                Some("Pod") => {
                    let pod = ApiPod::deserialize(item).map_err(bad)?;
                    if follows(&filter, &pod) {
                        feed.pod(&pod);
                    }
                }
                Some(kind) => {
                    if let Some(kind) = Kind::parse(kind) {
                        let named = Named::deserialize(item).map_err(bad)?;
                        feed.object(kind, &named.metadata);
                    }
                }
                None => return Err(form(0, number)),
            }
        }
        feed.release();
        Ok(feed)
    }
}

/// Whether a filter lets a pod through, as the API server would.
fn follows(filter: &Filter, pod: &ApiPod) -> bool {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    let labels = pod.metadata.labels.as_ref();
    (filter.namespaces.is_empty() || filter.namespaces.iter().any(|name| name == namespace))
        && filter
            .node
            .as_deref()
            .is_none_or(|wanted| node == Some(wanted))
        && filter
            .fields
            .iter()
            .all(|one| one.holds(field(pod, &one.key)))
        && filter.labels.iter().all(|one| {
            one.holds(
                labels
                    .and_then(|labels| labels.get(&one.key))
                    .map(String::as_str),
            )
        })
}

impl Condition {
    fn holds(&self, value: Option<&str>) -> bool {
        match self.is {
            Is::Equal => value == Some(&self.value),
            Is::NotEqual => value != Some(&self.value),
            Is::There => value.is_some(),
            Is::NotThere => value.is_none(),
        }
    }
}

fn is_known(field: &str) -> bool {
    matches!(
        field,
        "metadata.name" | "metadata.namespace" | "spec.nodeName" | "status.phase" | "status.podIP"
    )
}

fn field<'p>(pod: &'p ApiPod, name: &str) -> Option<&'p str> {
    let (spec, status) = (pod.spec.as_ref(), pod.status.as_ref());
    match name {
        "metadata.name" => pod.metadata.name.as_deref(),
        "metadata.namespace" => pod.metadata.namespace.as_deref(),
        "spec.nodeName" => spec?.node_name.as_deref(),
        "status.phase" => status?.phase.as_deref(),
        "status.podIP" => status?.pod_ip.as_deref(),
        _ => None,
    }
}
