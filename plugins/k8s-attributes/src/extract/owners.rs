//! Who owns a pod, by kind.
//!
//! Must never: take a Job that merely ends in digits for one that a CronJob made: the table says so,
//! or the digits are a time.

use crate::extract::containers::Running;
use crate::metadata::Metadata;
use crate::table::{Answer, Object, Pod};

/// Digits that a CronJob appends to the names of its Jobs: minutes since 1970, eight until 2160.
const CRONJOB_DIGITS: usize = 8;

/// Owners of a pod, with what can be derived where the table does not know them.
pub(super) struct Owners<'a> {
    list: &'a [Object],
    deployment: String,
    cronjob: String,
}

impl<'a> Owners<'a> {
    pub(super) fn new(answer: &'a Answer, pod: &Pod, from_replicaset: bool) -> Self {
        let list = answer.owners.as_slice();
        let of = |kind: &str| list.iter().find(|owner| owner.kind == kind);
        let deployment = of("Deployment").map(|owner| owner.name.clone());
        let derived = || {
            let hash = pod
                .labels
                .get("pod-template-hash")
                .filter(|_| from_replicaset)?;
            let name = of("ReplicaSet")?.name.strip_suffix(hash.as_str())?;
            name.strip_suffix('-').map(str::to_owned)
        };
        let cronjob = of("CronJob").map(|owner| owner.name.clone());
        let timed = || {
            let (name, digits) = of("Job")?.name.rsplit_once('-')?;
            let is_time =
                digits.len() == CRONJOB_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_time.then(|| name.to_owned())
        };
        Self {
            list,
            deployment: deployment.or_else(derived).unwrap_or_default(),
            cronjob: cronjob.or_else(timed).unwrap_or_default(),
        }
    }

    /// The value of a name or UID of an owner; empty for any other metadata.
    pub(super) fn value(&self, metadata: Metadata) -> String {
        let name = |kind| {
            self.of(kind)
                .map_or_else(String::new, |owner| owner.name.clone())
        };
        let uid = |kind| {
            self.of(kind)
                .map_or_else(String::new, |owner| owner.uid.clone())
        };
        match metadata {
            Metadata::ReplicasetName => name("ReplicaSet"),
            Metadata::ReplicasetUid => uid("ReplicaSet"),
            Metadata::DeploymentName => self.deployment.clone(),
            Metadata::DeploymentUid => uid("Deployment"),
            Metadata::DaemonsetName => name("DaemonSet"),
            Metadata::DaemonsetUid => uid("DaemonSet"),
            Metadata::StatefulsetName => name("StatefulSet"),
            Metadata::StatefulsetUid => uid("StatefulSet"),
            Metadata::JobName => name("Job"),
            Metadata::JobUid => uid("Job"),
            Metadata::CronjobName => self.cronjob.clone(),
            Metadata::CronjobUid => uid("CronJob"),
            _ => String::new(),
        }
    }

    /// The service's name by the conventions: what an annotation or label says, the owner from the top,
    /// the pod.
    pub(super) fn service_name(&self, pod: &Pod, container: Option<&Running<'_>>) -> String {
        let said = pod
            .annotations
            .get("resource.opentelemetry.io/service.name");
        let label = |key: &str| pod.labels.get(key);
        let said = said
            .or_else(|| label("app.kubernetes.io/instance"))
            .or_else(|| label("app.kubernetes.io/name"));
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            return said.clone();
        }
        let kinds = [
            Metadata::DeploymentName,
            Metadata::ReplicasetName,
            Metadata::StatefulsetName,
            Metadata::DaemonsetName,
            Metadata::CronjobName,
            Metadata::JobName,
        ];
        let owner = kinds
            .iter()
            .map(|&kind| self.value(kind))
            .find(|name| !name.is_empty());
        let own = || match pod.name.is_empty() {
            false => pod.name.clone(),
            true => container.map_or_else(String::new, |container| container.name().to_owned()),
        };
        owner.unwrap_or_else(own)
    }

    fn of(&self, kind: &str) -> Option<&'a Object> {
        self.list.iter().find(|owner| owner.kind == kind)
    }
}
