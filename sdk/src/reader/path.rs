//! Where in settings a value stands: `custom[0].pattern`.
//!
//! Must never: name a value; keys and positions only.

use std::fmt;

use serde_json::Value;

/// Longer keys are cut when they are shown.
const MAX_KEY_CHARS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Key(String),
    Index(usize),
}

/// A path from the root of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<Segment>);

impl Path {
    /// Reads a path as it is shown.
    pub(crate) fn parse(text: &str) -> Self {
        let mut segments = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (key, indexes) = part.split_once('[').unwrap_or((part, ""));
            segments.extend((!key.is_empty()).then(|| Segment::Key(key.to_owned())));
            let indexes = indexes
                .split(['[', ']'])
                .filter_map(|index| index.parse().ok());
            segments.extend(indexes.map(Segment::Index));
        }
        Self(segments)
    }

    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    pub(crate) fn join(&self, rest: &Self) -> Self {
        Self([self.0.as_slice(), rest.0.as_slice()].concat())
    }

    pub(crate) fn starts_with(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    pub(crate) fn last_key(&self) -> Option<&str> {
        match self.0.last()? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }

    /// The value at this path.
    pub(crate) fn find_in<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0
            .iter()
            .try_fold(root, |value, segment| match segment {
                Segment::Key(key) => value.get(key),
                Segment::Index(index) => value.get(index),
            })
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    f.write_str(if number == 0 { "" } else { "." })?;
                    key.chars()
                        .take(MAX_KEY_CHARS)
                        .try_for_each(|char| write!(f, "{char}"))?;
                }
            }
        }
        Ok(())
    }
}
