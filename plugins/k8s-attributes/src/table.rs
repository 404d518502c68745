//! The table `kubernetes` as the plugin asks it: one question a resource, one flat answer.
//!
//! A question is a list of rules, each a list of conditions that must all hold of a pod; the table
//! tries one rule after the other and answers with the first pod that one of them finds. A question
//! that carries the stamp of an earlier answer gets no more than `same` when that still holds; with
//! the moment of that answer in front, a table that did not change since need not read the rest. The
//! shapes are described in `docs/plugins/k8s-attributes.md`.
//!
//! Must never: take a table that cannot be read for a pod that is not there at load; at run time it
//! is the same, since telemetry must not wait for a cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tamis_sdk::{ConfigError, host};

/// The table's name.
pub(crate) const TABLE: &str = "kubernetes";

/// What a condition speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// An address of the pod.
    Ip,
    /// The pod's UID.
    Uid,
    /// The pod's name.
    Name,
    /// The pod's namespace.
    Namespace,
    /// The id of one of its containers.
    ContainerId,
    /// The hostname in the pod's spec, or its name.
    Hostname,
    /// The node it runs on.
    Node,
}

/// A question. `since` and `stamp` come first, where a table finds them without reading all.
#[derive(Debug, Serialize)]
pub(crate) struct Question<'a> {
    /// The moment of the answer that the asker has; 0 for none, and of a table that names none.
    #[serde(skip_serializing_if = "is_none")]
    pub(crate) since: u64,
    /// The stamp of that answer; 0 for none.
    pub(crate) stamp: u64,
    /// Rules in order; all conditions of one must hold.
    pub(crate) pod: Vec<Vec<(By, &'a str)>>,
    /// The namespace to tell about if no pod is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<&'a str>,
    /// The node to tell about if no pod is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node: Option<&'a str>,
}

/// An answer. Every part may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    /// Whether the answer with the question's stamp still holds; then there is nothing more here.
    pub(crate) same: bool,
    /// The moment up to which the table had changed.
    pub(crate) since: u64,
    /// What tells this answer from any other to the same question.
    pub(crate) stamp: u64,
    pub(crate) pod: Option<Pod>,
    /// Who owns the pod, who owns that, and so on.
    pub(crate) owners: Vec<Object>,
    pub(crate) namespace: Option<Object>,
    pub(crate) node: Option<Object>,
    pub(crate) cluster_uid: Option<String>,
}

/// A pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) ip: String,
    pub(crate) hostname: String,
    pub(crate) node: String,
    /// When it was created, RFC 3339.
    pub(crate) created: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) containers: Vec<Container>,
}

/// A container of a pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    /// Restart count, id without the runtime's prefix, image id; the newest last.
    pub(crate) runs: Vec<(i64, String, String)>,
}

/// A namespace, a node or an owner.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object {
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Empty where the table knows the name only.
    pub(crate) uid: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// The answer to a question since whose moment nothing has changed.
const SAME: &str = r#"{"same":true}"#;

/// What the table says to a question.
pub(crate) enum Said {
    /// Nothing: it cannot be read.
    Nothing,
    /// Nothing has changed since the question's moment.
    Same,
    /// The answer with the question's stamp still holds at this moment.
    SameAt(u64),
    /// This.
    New(Box<Answer>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(since: &u64) -> bool {
    *since == 0
}

impl Question<'_> {
    /// Its JSON.
    pub(crate) fn json(&self) -> String {
        // Texts and numbers in lists: there is nothing that cannot be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Asks the table.
pub(crate) fn ask(question: &str) -> Said {
    match host::lookup_json(TABLE, question) {
        // Most answers are this one, and need no reading.
        Ok(answer) if answer == SAME => Said::Same,
        Ok(answer) => match serde_json::from_str::<Answer>(&answer) {
            Ok(answer) if answer.same => Said::SameAt(answer.since),
            Ok(answer) => Said::New(Box::new(answer)),
            Err(_) => Said::Nothing,
        },
        Err(_) => Said::Nothing,
    }
}

/// Makes sure at load that there is a table to ask.
pub(crate) fn is_there() -> Result<(), ConfigError> {
    let nothing = Question {
        since: 0,
        stamp: 0,
        pod: Vec::new(),
        namespace: None,
        node: None,
    };
    match host::lookup::<Answer>(TABLE, &nothing) {
        Ok(_) => Ok(()),
        Err(error) => Err(ConfigError::new(
            "",
            format!(
                "the host keeps no table `{TABLE}` for this plugin ({error}); without one only `passthrough: true` works"
            ),
        )),
    }
}
