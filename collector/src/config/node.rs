//! A config as a tree in which every node knows where it stands.
//!
//! Must never: show a value in `Debug`. Settings hold keys and passwords.

use std::fmt;

/// Line and column in a file, from 1; the column counts characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A value and where it begins.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Pos,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    String(String),
    /// Text that names this environment variable, which is not set and has no default.
    Unset(String),
    /// A list.
    List(Vec<Node>),
    /// Members, each key once.
    Map(Vec<Member>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub at: Pos,
    /// Its value.
    pub node: Node,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pos { line, column } = self.at;
        write!(f, "{} at {line}:{column}", self.value.kind())
    }
}

impl Value {
    /// What it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::String(_) | Self::Unset(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl Node {
    /// Its members; nothing at all counts as none.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Map(members) => Some(members),
            Value::Null => Some(&[]),
            _ => None,
        }
    }

    /// The member of this key.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members()?.iter().find(|member| member.key == key)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same as JSON. Not-a-number and the infinities, which JSON lacks, become null.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null | Value::Unset(_) => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::String(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(members) => members
                .iter()
                .map(|member| (member.key.clone(), member.node.to_json()))
                .collect(),
        }
    }

    /// Where this path leads, such as `custom[0].pattern`, or as far as it leads: the key or the
    /// list item at its end.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Pos> {
        let (mut node, mut rest, mut found) = (self, path, None);
        while !rest.is_empty() {
            let (at, next, behind) = match &node.value {
                Value::Map(members) => {
                    let name = rest.strip_prefix('.').unwrap_or(rest);
                    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
                    let fits =
                        |member: &&Member| name.strip_prefix(member.key.as_str()).is_some_and(ends);
                    // Keys may hold dots: the longest one is meant.
                    let Some(member) = members
                        .iter()
                        .filter(fits)
                        .max_by_key(|member| member.key.len())
                    else {
                        break;
                    };
                    let behind = name.get(member.key.len()..).unwrap_or_default();
                    (member.at, &member.node, behind)
                }
                Value::List(items) => {
                    let Some((index, behind)) =
                        rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
                    else {
                        break;
                    };
                    let Some(item) = index.parse().ok().and_then(|index: usize| items.get(index))
                    else {
                        break;
                    };
                    (item.at, item, behind)
                }
                _ => break,
            };
            (found, node, rest) = (Some(at), next, behind);
        }
        found
    }

    /// Calls `visit` with the path, below `path`, and the node of every leaf.
    pub(super) fn leaves(&self, path: &str, visit: &mut impl FnMut(&str, &Self)) {
        match &self.value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.leaves(&format!("{path}[{index}]"), visit);
                }
            }
            Value::Map(members) => {
                for member in members {
                    member.node.leaves(&format!("{path}.{}", member.key), visit);
                }
            }
            _ => visit(path, self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    #[test]
    fn paths_lead_to_keys_and_items() {
        let text = "a.b:\n  - c: 1\n  - x: 2\n    c: [3]\nd:\n";
        let node = yaml::parse(text, &|_| None).unwrap();
        let pos = |line, column| Some(Pos { line, column });
        assert_eq!(node.find("a.b"), pos(1, 1));
        assert_eq!(node.find("a.b[1].c"), pos(4, 5));
        assert_eq!(node.find("a.b[1].c[0]"), pos(4, 9));
        assert_eq!(node.find("a.b[1].nope"), pos(3, 5));
        assert_eq!(node.find("d.e"), pos(5, 1));
        assert_eq!(node.find(""), None);
        assert_eq!(node.find("[0"), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let node = yaml::parse("key: hunter2-dummy", &|_| None).unwrap();
        assert_eq!(format!("{node:?}"), "a map at 1:1");
    }
}
