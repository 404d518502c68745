//! Which container of a pod a resource comes from, and what is known of it.
//!
//! Must never: guess among several containers.

use crate::metadata::Metadata;
use crate::table::{Container, Pod};

/// What a resource says of its container.
#[derive(Debug, Default)]
pub(crate) struct Chosen<'v> {
    /// `k8s.container.name`
    pub(crate) name: Option<&'v str>,
    /// `container.id`
    pub(crate) id: Option<&'v str>,
    /// `k8s.container.restart_count`
    pub(crate) restart_count: Option<i64>,
}

/// A container and the run of it.
pub(crate) struct Running<'a> {
    container: &'a Container,
    id: &'a str,
    image_id: &'a str,
}

/// The container by its name, else by its id, else the only one.
pub(super) fn of<'a>(pod: &'a Pod, chosen: &Chosen<'_>) -> Option<Running<'a>> {
    let with_id = |container: &&Container, id: &str| {
        container
            .runs
            .iter()
            .any(|(_, run, _)| !run.is_empty() && run == bare(id))
    };
    let container = match (chosen.name, chosen.id) {
        (Some(name), _) => pod
            .containers
            .iter()
            .find(|container| container.name == name),
        (None, Some(id)) => pod
            .containers
            .iter()
            .find(|container| with_id(container, id)),
        (None, None) => match pod.containers.as_slice() {
            [only] => Some(only),
            _ => None,
        },
    }?;
    let run = match chosen.restart_count {
        Some(count) => container
            .runs
            .iter()
            .find(|(restarts, _, _)| *restarts == count),
        None => container
            .runs
            .iter()
            .max_by_key(|(restarts, _, _)| *restarts),
    };
    let (id, image_id) = run.map_or(("", ""), |(_, id, image_id)| {
        (id.as_str(), image_id.as_str())
    });
    Some(Running {
        container,
        id,
        image_id,
    })
}

impl Running<'_> {
    pub(super) fn name(&self) -> &str {
        &self.container.name
    }

    /// The value of a container's metadata; empty for any other.
    pub(super) fn value(&self, metadata: Metadata) -> String {
        let (name, tag, _) = image(&self.container.image);
        match metadata {
            Metadata::ContainerName => self.container.name.clone(),
            Metadata::ContainerId => self.id.to_owned(),
            Metadata::ImageName => name.to_owned(),
            Metadata::ImageTag | Metadata::ImageTags => tag.to_owned(),
            Metadata::ImageRepoDigests => match self.image_id.contains("@sha256:") {
                true => self
                    .image_id
                    .split_once("://")
                    .map_or(self.image_id, |(_, id)| id)
                    .to_owned(),
                false => String::new(),
            },
            _ => String::new(),
        }
    }
}

/// The service's version by the conventions: what an annotation or label says, the image's tag and
/// digest.
pub(super) fn service_version(pod: &Pod, container: Option<&Running<'_>>) -> String {
    let said = pod
        .annotations
        .get("resource.opentelemetry.io/service.version");
    let said = said.or_else(|| pod.labels.get("app.kubernetes.io/version"));
    if let Some(said) = said {
        return said.clone();
    }
    let Some(container) = container else {
        return String::new();
    };
    match image(&container.container.image) {
        (_, "", digest) => digest.to_owned(),
        (_, tag, "") => tag.to_owned(),
        (_, tag, digest) => format!("{tag}@{digest}"),
    }
}

/// The service's instance by the conventions: what an annotation says, or namespace, pod and container.
pub(super) fn service_instance(pod: &Pod, container: Option<&Running<'_>>) -> String {
    let said = pod
        .annotations
        .get("resource.opentelemetry.io/service.instance.id");
    match (said, container) {
        (Some(said), _) => said.clone(),
        (None, Some(container)) => format!("{}.{}.{}", pod.namespace, pod.name, container.name()),
        (None, None) => String::new(),
    }
}

/// An image's name, tag and digest. Without either, the tag is `latest`, as for a runtime.
fn image(image: &str) -> (&str, &str, &str) {
    let (named, digest) = image.split_once('@').unwrap_or((image, ""));
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    match named.get(last..).and_then(|part| part.find(':')) {
        Some(colon) => (
            named.get(..last + colon).unwrap_or_default(),
            named.get(last + colon + 1..).unwrap_or_default(),
            digest,
        ),
        None if named.is_empty() => ("", "", digest),
        None if digest.is_empty() => (named, "latest", digest),
        None => (named, "", digest),
    }
}

/// A container's id without the runtime's prefix.
fn bare(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::image;

    #[test]
    fn images_fall_apart_at_the_right_colon() {
        let cases = [
            ("codex", ("codex", "latest", "")),
            ("host:5000/a/codex", ("host:5000/a/codex", "latest", "")),
            ("host:5000/a/codex:1.2", ("host:5000/a/codex", "1.2", "")),
            ("codex@sha256:ab", ("codex", "", "sha256:ab")),
            ("codex:1@sha256:ab", ("codex", "1", "sha256:ab")),
            ("", ("", "", "")),
            (":", ("", "", "")),
        ];
        for (text, parts) in cases {
            assert_eq!(image(text), parts, "{text}");
        }
    }
}
