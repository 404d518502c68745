//! A namespace, a node or an owner of pods, as the table keeps it.
//!
//! Must never: keep more than the settings ask for.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Serialize;

use crate::keep::{Keep, Map};
use crate::kind::Kind;

/// An object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// Its name or UID, whichever it is found by.
    pub(crate) key: Arc<str>,
    pub(crate) uid: Arc<str>,
    /// Empty for what stands in none.
    pub(crate) namespace: Box<str>,
    pub(crate) owner: Option<Owner>,
    /// What an answer says of it.
    pub(crate) json: Box<str>,
}

/// Who controls a pod or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) kind: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) uid: Box<str>,
}

/// What an answer says of an object.
#[derive(Serialize)]
pub(crate) struct Said<'a> {
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) labels: Option<Map<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) annotations: Option<Map<'a>>,
}

impl Object {
    /// What is kept of an object; none without a name and a UID, which every object has.
    pub(crate) fn new(kind: Kind, meta: &ObjectMeta, keep: &Keep) -> Option<Self> {
        let (name, uid) = (meta.name.as_deref()?, meta.uid.as_deref()?);
        let labels = keep.labels.of(meta.labels.as_ref());
        let annotations = keep.annotations.of(meta.annotations.as_ref());
        let said = Said {
            kind: kind.as_str(),
            name,
            uid,
            labels: Some(labels).filter(|map| !map.is_empty()),
            annotations: Some(annotations).filter(|map| !map.is_empty()),
        };
        Some(Self {
            key: if kind.is_found_by_name() { name } else { uid }.into(),
            uid: uid.into(),
            namespace: meta.namespace.as_deref().unwrap_or_default().into(),
            owner: controller(meta.owner_references.as_deref()),
            json: json(&said),
        })
    }
}

/// The owner that controls an object.
pub(crate) fn controller(owners: Option<&[OwnerReference]>) -> Option<Owner> {
    let owners = owners.unwrap_or_default();
    let found = owners.iter().find(|owner| owner.controller == Some(true));
    found.map(|owner| Owner {
        kind: owner.kind.as_str().into(),
        name: owner.name.as_str().into(),
        uid: owner.uid.as_str().into(),
    })
}

/// JSON of what is made of texts and numbers alone, and so can always be written.
pub(crate) fn json(said: &impl Serialize) -> Box<str> {
    serde_json::to_string(said).unwrap_or_default().into()
}
