//! The names of `extract.metadata`, and those that count when none is given.
//!
//! Must never: give a name another meaning than the Collector gives it.

/// An enum whose variants have names in the settings.
macro_rules! metadata {
    ($($variant:ident $name:literal,)+) => {
        /// One thing of a pod that becomes an attribute of this name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Metadata { $($variant,)+ }

        impl Metadata {
            /// Every one.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, which is the attribute's.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

metadata! {
    NamespaceName "k8s.namespace.name",
    PodName "k8s.pod.name",
    PodUid "k8s.pod.uid",
    PodHostname "k8s.pod.hostname",
    PodIp "k8s.pod.ip",
    PodStartTime "k8s.pod.start_time",
    ReplicasetName "k8s.replicaset.name",
    ReplicasetUid "k8s.replicaset.uid",
    DeploymentName "k8s.deployment.name",
    DeploymentUid "k8s.deployment.uid",
    DaemonsetName "k8s.daemonset.name",
    DaemonsetUid "k8s.daemonset.uid",
    StatefulsetName "k8s.statefulset.name",
    StatefulsetUid "k8s.statefulset.uid",
    JobName "k8s.job.name",
    JobUid "k8s.job.uid",
    CronjobName "k8s.cronjob.name",
    CronjobUid "k8s.cronjob.uid",
    NodeName "k8s.node.name",
    NodeUid "k8s.node.uid",
    ClusterUid "k8s.cluster.uid",
    ContainerName "k8s.container.name",
    ContainerId "container.id",
    ImageName "container.image.name",
    ImageTag "container.image.tag",
    ImageTags "container.image.tags",
    ImageRepoDigests "container.image.repo_digests",
    ServiceNamespace "service.namespace",
    ServiceName "service.name",
    ServiceVersion "service.version",
    ServiceInstanceId "service.instance.id",
}

impl Metadata {
    /// What counts when the settings name nothing.
    pub(crate) const STANDARD: [Self; 8] = [
        Self::NamespaceName,
        Self::PodName,
        Self::PodUid,
        Self::PodStartTime,
        Self::DeploymentName,
        Self::NodeName,
        Self::ImageName,
        Self::ImageTag,
    ];

    /// The one of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}
