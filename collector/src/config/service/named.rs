//! Receivers and exporters: what stands under a name of its own, each read apart from the others.

use std::sync::Arc;

use super::super::finding::Finding;
use super::super::node::{Member, Pos};
use super::super::section::Section;

/// One of them; no settings if they are faulty.
pub(super) struct Named<S> {
    pub(super) name: Arc<str>,
    pub(super) at: Pos,
    pub(super) settings: Option<S>,
}

/// Reads each of those under this key, by its member and path.
pub(super) fn each<S>(
    root: &Section<'_>,
    key: &str,
    findings: &mut Vec<Finding>,
    mut read: impl FnMut(&Member, String, &mut Vec<Finding>) -> Option<S>,
) -> Vec<Named<S>> {
    let Some(section) = root.section(key, findings) else {
        return Vec::new();
    };
    let members = section.members.iter().map(|member| Named {
        name: member.key.as_str().into(),
        at: member.at,
        settings: read(member, section.path_of(&member.key), findings),
    });
    members.collect()
}
