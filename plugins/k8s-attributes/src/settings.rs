//! The settings, as the Collector's `k8sattributes` processor takes them.
//!
//! What is the host's business (how to reach the API server, which pods to follow) is read here for
//! its form only; the table that the host keeps is made by it.
//!
//! Must never: mean something else by a key than the Collector does.

use serde::Deserialize;
use tamis_sdk::{ConfigError, JsonSchema};

/// The settings of the Collector's `k8sattributes` processor.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// How the host reaches the API server: `serviceAccount` (if not said), `kubeConfig`, `none`.
    pub auth_type: Option<AuthType>,
    /// The context of the kubeconfig.
    pub context: Option<String>,
    /// The kubeconfig, if not the usual one.
    pub kube_config_path: Option<String>,
    /// A file of pods instead of an API server: what `kubectl get pods,namespaces,nodes,replicasets -A -o json` prints.
    pub snapshot_file: Option<String>,
    /// Whether only the address is written, as `k8s.pod.ip`, for another instance to look it up.
    pub passthrough: bool,
    /// What of a pod becomes an attribute.
    pub extract: Extract,
    /// Which pods the host follows.
    pub filter: Filter,
    /// How a resource says which pod it comes from; without rules those that stand in the docs.
    pub pod_association: Option<Vec<Association>>,
    /// Pods that nothing is added for.
    pub exclude: Option<Exclude>,
    /// Whether the daemon starts only when it knows all pods.
    pub wait_for_metadata: bool,
    /// How long it waits, such as `10s`.
    pub wait_for_metadata_timeout: Option<String>,
}

/// How the host reaches the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuthType {
    /// As the pod that it runs in.
    ServiceAccount,
    /// As a kubeconfig says.
    KubeConfig,
    /// Not at all: no credentials.
    None,
    /// With a client certificate; not supported, a kubeconfig can name one.
    Tls,
}

/// What of a pod becomes an attribute.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Extract {
    /// Names of attributes; without any the Collector's defaults.
    pub metadata: Option<Vec<String>>,
    /// Labels.
    pub labels: Option<Vec<Field>>,
    /// Annotations.
    pub annotations: Option<Vec<Field>>,
    /// Whether pod annotations `resource.opentelemetry.io/X` become attributes `X`.
    pub otel_annotations: bool,
    /// Whether the deployment's name is taken from its ReplicaSet's, so that no ReplicaSets are watched.
    pub deployment_name_from_replicaset: bool,
}

/// A label or annotation, or several by a pattern.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Field {
    /// The attribute's name; without it one that says where it comes from. With `key_regex` it may
    /// refer to groups, as in `$1`.
    pub tag_name: Option<String>,
    /// The key.
    pub key: Option<String>,
    /// A pattern for whole keys.
    pub key_regex: Option<String>,
    /// Whose: `pod` (if not said), `namespace`, `node`, `deployment`, `statefulset`, `daemonset`, `job`.
    pub from: Option<String>,
}

/// Which pods the host follows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Filter {
    /// Those of this node.
    pub node: Option<String>,
    /// Those of the node that this environment variable of the host names.
    pub node_from_env_var: Option<String>,
    /// Those of this namespace.
    pub namespace: Option<OneOrMany>,
    /// Those with these fields.
    pub fields: Option<Vec<FilterField>>,
    /// Those with these labels.
    pub labels: Option<Vec<FilterField>>,
}

/// A text or a list of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A condition on a field or label.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FilterField {
    /// Its name.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: Option<String>,
    /// `equals` (if not said), `not-equals`, and for labels `exists`, `does-not-exist`.
    #[serde(default)]
    pub op: Option<String>,
}

/// One rule: all its sources must be there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Association {
    /// The sources.
    pub sources: Option<Vec<Source>>,
    /// The older form of a rule with one source.
    pub from: Option<SourceFrom>,
    /// The older form of a rule with one source: the attribute's name.
    pub name: Option<String>,
}

/// A source of a rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Source {
    /// Where it stands.
    pub from: SourceFrom,
    /// The attribute's name, for `resource_attribute`.
    #[serde(default)]
    pub name: Option<String>,
}

/// Where a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceFrom {
    /// The address of the connection.
    Connection,
    /// An attribute of the resource.
    ResourceAttribute,
}

/// Pods that nothing is added for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Exclude {
    /// By their names.
    pub pods: Option<Vec<ExcludePod>>,
}

/// Pods by their names.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ExcludePod {
    /// A pattern that is looked for in the name.
    pub name: String,
}

impl Association {
    /// The sources, in either form.
    pub(crate) fn sources(&self, path: &str, faults: &mut ConfigError) -> Vec<Source> {
        match (&self.sources, self.from) {
            (Some(sources), None) if self.name.is_none() && !sources.is_empty() => sources.clone(),
            (None, Some(from)) => vec![Source {
                from,
                name: self.name.clone(),
            }],
            _ => {
                faults.add(path, "must have `sources`, at least one");
                Vec::new()
            }
        }
    }
}
