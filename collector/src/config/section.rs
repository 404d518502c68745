//! One map of a config, read key by key, with a finding for what it holds beside them.

use super::finding::Finding;
use super::node::{Member, Node, Pos, Value};

/// A map and the path to it.
#[derive(Debug, Clone)]
pub(super) struct Section<'n> {
    pub(super) path: String,
    pub(super) at: Pos,
    pub(super) members: &'n [Member],
}

impl<'n> Section<'n> {
    /// The map of this node; nothing at all counts as an empty one.
    pub(super) fn new(
        node: &'n Node,
        path: impl Into<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let path = path.into();
        let members = node.members();
        if members.is_none() {
            let message = format!("expected a map, found {}", node.value.kind());
            findings.push(Finding::error(node.at, path.clone(), message));
        }
        Some(Self {
            path,
            at: node.at,
            members: members?,
        })
    }

    /// The map of this member, found where its key stands.
    pub(super) fn of(
        member: &'n Member,
        path: impl Into<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let section = Self::new(&member.node, path, findings)?;
        Some(Self {
            at: member.at,
            ..section
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// The path of one of its keys; its own for none.
    pub(super) fn path_of(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            ("", key) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }

    /// The map under this key, if it is there.
    pub(super) fn section(&self, key: &str, findings: &mut Vec<Finding>) -> Option<Self> {
        Section::of(self.get(key)?, self.path_of(key), findings)
    }

    /// The text under this key, if it is there.
    pub(super) fn text(&self, key: &str, findings: &mut Vec<Finding>) -> Option<(&'n str, Pos)> {
        let member = self.get(key)?;
        match text(&member.node) {
            Ok(text) => Some((text, member.at)),
            Err(message) => {
                findings.push(Finding::error(member.at, self.path_of(key), message));
                None
            }
        }
    }

    /// The list of texts under this key; empty if it is not there.
    pub(super) fn texts(&self, key: &str, findings: &mut Vec<Finding>) -> Vec<(&'n str, Pos)> {
        let Some(member) = self.get(key) else {
            return Vec::new();
        };
        let items = match &member.node.value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            other => {
                let message = format!("expected a list of names, found {}", other.kind());
                findings.push(Finding::error(member.at, self.path_of(key), message));
                &[]
            }
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match text(item) {
                Ok(text) => texts.push((text, item.at)),
                Err(message) => {
                    let path = format!("{}[{index}]", self.path_of(key));
                    findings.push(Finding::error(item.at, path, message));
                }
            }
        }
        texts
    }

    /// Finds fault with every key that is not one of these.
    pub(super) fn known(&self, keys: &[&str], findings: &mut Vec<Finding>) {
        for member in self.members {
            if !keys.contains(&member.key.as_str()) {
                findings.push(self.unknown(member, keys));
            }
        }
    }

    /// What is to be said about a key that is none of these.
    pub(super) fn unknown(&self, member: &Member, keys: &[&str]) -> Finding {
        let message = match keys.len() {
            0..=8 => format!("unknown key; known are {}", keys.join(", ")),
            _ => "unknown key".to_owned(),
        };
        Finding::error(member.at, self.path_of(&member.key), message)
            .did_you_mean(&member.key, keys.iter().copied())
    }
}

fn text(node: &Node) -> Result<&str, String> {
    match &node.value {
        Value::String(text) => Ok(text),
        Value::Unset(name) => Err(unset(name)),
        other => Err(format!("expected text, found {}", other.kind())),
    }
}

/// What is to be said about a variable that is not set.
pub(super) fn unset(name: &str) -> String {
    format!(
        "environment variable {name} is not set and has no default (`${{env:{name}:-default}}`)"
    )
}
