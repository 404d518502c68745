//! The host's part of the settings of the plugin `k8s-attributes`: where pods come from, which are
//! followed, and what is kept of them.
//!
//! The plugin itself reads the same settings and finds fault with everything that is its own; here
//! only what the host needs is looked at.
//!
//! Must never: follow more of a cluster than the settings say because something in them is odd.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::keep::Keeps;

/// How long the start waits for the cluster if nothing else is said.
const WAIT_DEFAULT: Duration = Duration::from_secs(10);

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// They have not the form that the plugin's schema says.
    #[error("the settings have not the form of k8s-attributes' schema")]
    Form,
    /// A key holds what cannot be used.
    #[error("{path}: {message}")]
    Key {
        /// The key.
        path: String,
        /// What is wrong, without the value.
        message: String,
    },
}

/// Where pods come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Nowhere: the plugin only passes addresses through.
    #[default]
    Nothing,
    /// The API server of the cluster that this process runs in, as the pod's service account.
    ServiceAccount,
    /// The API server that a kubeconfig names.
    KubeConfig {
        /// The file, if not the usual one.
        path: Option<PathBuf>,
        /// The context, if not the current one.
        context: Option<String>,
    },
    /// The API server at `KUBERNETES_SERVICE_HOST`, without credentials.
    Anonymous,
    /// A file as `kubectl get pods,namespaces,nodes,replicasets -A -o json` prints it.
    File(PathBuf),
}

/// What the host needs of the settings.
///
/// The default is that of a plugin that passes addresses through: no pods at all.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub(crate) source: Source,
    pub(crate) filter: Filter,
    pub(crate) keeps: Keeps,
    pub(crate) wait: Option<Duration>,
}

/// Which pods are followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) node: Option<String>,
    /// The environment variable that names the node, which is read when pods are.
    node_from: Option<String>,
    /// Empty: all.
    pub(crate) namespaces: Vec<String>,
    pub(crate) fields: Vec<Condition>,
    pub(crate) labels: Vec<Condition>,
}

/// A condition on a field or label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) is: Is,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Equal,
    NotEqual,
    There,
    NotThere,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Form {
    auth_type: Option<String>,
    context: Option<String>,
    kube_config_path: Option<PathBuf>,
    snapshot_file: Option<PathBuf>,
    passthrough: bool,
    extract: ExtractSettings,
    filter: FilterForm,
    pod_association: Option<Vec<AssociationForm>>,
    wait_for_metadata: bool,
    wait_for_metadata_timeout: Option<String>,
}

/// A rule, of which only the names of its sources matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AssociationForm {
    name: Option<String>,
    sources: Option<Vec<SourceForm>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SourceForm {
    name: Option<String>,
}

impl Form {
    /// Names of the attributes that say which pod it is.
    fn sources(&self) -> impl Iterator<Item = &str> {
        let rules = self.pod_association.iter().flatten();
        rules.flat_map(|rule| {
            let sources = rule.sources.iter().flatten();
            rule.name
                .as_deref()
                .into_iter()
                .chain(sources.filter_map(|source| source.name.as_deref()))
        })
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ExtractSettings {
    pub(crate) metadata: Option<Vec<String>>,
    pub(crate) labels: Option<Vec<FieldSettings>>,
    pub(crate) annotations: Option<Vec<FieldSettings>>,
    pub(crate) otel_annotations: bool,
    pub(crate) deployment_name_from_replicaset: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FieldSettings {
    pub(crate) key: Option<String>,
    pub(crate) key_regex: Option<String>,
    pub(crate) from: Option<String>,
}

impl ExtractSettings {
    /// Names in `metadata`, or those that count without any and need more than the pod.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let named = self.metadata.as_deref().unwrap_or_default();
        let standard = named.is_empty().then_some("k8s.deployment.name");
        named.iter().map(String::as_str).chain(standard)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FilterForm {
    node: Option<String>,
    node_from_env_var: Option<String>,
    namespace: Option<OneOrMany>,
    fields: Option<Vec<ConditionForm>>,
    labels: Option<Vec<ConditionForm>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct ConditionForm {
    key: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    op: Option<String>,
}

impl Settings {
    /// Reads the settings of the plugin.
    ///
    /// # Errors
    /// [`SettingsError`], without any value.
    pub fn from_json(settings: &serde_json::Value) -> Result<Self, SettingsError> {
        let form = match settings {
            serde_json::Value::Null => Form::default(),
            settings => Form::deserialize(settings).map_err(|_| SettingsError::Form)?,
        };
        Ok(Self {
            source: source(&form)?,
            filter: filter(&form.filter)?,
            keeps: Keeps::of(&form.extract, form.sources()),
            wait: match form.wait_for_metadata {
                true => Some(timeout(form.wait_for_metadata_timeout.as_deref())?),
                false => None,
            },
        })
    }

    /// Settings for a table whose questions are not known beforehand: everything within the limits is
    /// kept of all pods of a file.
    #[must_use]
    pub fn of_file(path: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::File(path.into()),
            filter: Filter::default(),
            keeps: Keeps::everything(),
            wait: None,
        }
    }

    /// The same, with paths that are relative taken from this folder.
    #[must_use]
    pub fn within(mut self, folder: &Path) -> Self {
        let absolute = |path: &mut PathBuf| *path = folder.join(&*path);
        match &mut self.source {
            Source::File(path) => absolute(path),
            Source::KubeConfig { path, .. } => path.iter_mut().for_each(absolute),
            _ => {}
        }
        self
    }

    /// Where pods come from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How long a start must wait for the table to be complete; none if it need not.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait
    }
}

fn source(form: &Form) -> Result<Source, SettingsError> {
    if form.passthrough {
        return Ok(Source::Nothing);
    }
    if let Some(path) = &form.snapshot_file {
        return Ok(Source::File(path.clone()));
    }
    Ok(
        match form.auth_type.as_deref().unwrap_or("serviceAccount") {
            "serviceAccount" => Source::ServiceAccount,
            "kubeConfig" => Source::KubeConfig {
                path: form.kube_config_path.clone(),
                context: form.context.clone(),
            },
            "none" => Source::Anonymous,
            _ => {
                return Err(key(
                    "auth_type",
                    "must be serviceAccount, kubeConfig or none",
                ));
            }
        },
    )
}

fn filter(form: &FilterForm) -> Result<Filter, SettingsError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let namespaces = match &form.namespace {
        None => Vec::new(),
        Some(OneOrMany::One(name)) => vec![name.clone()],
        Some(OneOrMany::Many(names)) => names.clone(),
    };
    Ok(Filter {
        node: given(&form.node),
        node_from: given(&form.node_from_env_var),
        namespaces: namespaces
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect(),
        fields: conditions("filter.fields", form.fields.as_deref())?,
        labels: conditions("filter.labels", form.labels.as_deref())?,
    })
}

fn conditions(
    path: &str,
    forms: Option<&[ConditionForm]>,
) -> Result<Vec<Condition>, SettingsError> {
    let one = |(number, form): (usize, &ConditionForm)| {
        let is = match form.op.as_deref().unwrap_or_default() {
            "" | "equals" => Is::Equal,
            "not-equals" => Is::NotEqual,
            "exists" => Is::There,
            "does-not-exist" => Is::NotThere,
            _ => return Err(key(&format!("{path}[{number}].op"), "is no comparison")),
        };
        Ok(Condition {
            key: form.key.clone(),
            value: form.value.clone().unwrap_or_default(),
            is,
        })
    };
    forms
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(one)
        .collect()
}

impl Filter {
    /// The same with the node that the environment names.
    ///
    /// # Errors
    /// The variable is not set.
    pub(crate) fn resolved(&self) -> Result<Self, SettingsError> {
        let Some(name) = &self.node_from else {
            return Ok(self.clone());
        };
        match std::env::var(name) {
            Ok(node) if !node.is_empty() => Ok(Self {
                node: Some(node),
                ..self.clone()
            }),
            _ => {
                let message = "names an environment variable that is not set";
                Err(key("filter.node_from_env_var", message))
            }
        }
    }
}

/// A duration as Go writes it, of one unit.
fn timeout(text: Option<&str>) -> Result<Duration, SettingsError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(WAIT_DEFAULT);
    };
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit_ms = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let ms = digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(unit_ms));
    match ms.filter(|&ms| ms > 0) {
        Some(ms) => Ok(Duration::from_millis(ms)),
        None => Err(key(
            "wait_for_metadata_timeout",
            "must be a duration such as 10s",
        )),
    }
}

fn key(path: &str, message: &str) -> SettingsError {
    SettingsError::Key {
        path: path.to_owned(),
        message: message.to_owned(),
    }
}
