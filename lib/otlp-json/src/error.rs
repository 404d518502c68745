//! What can be wrong with a text, where, and what should have stood there.
//!
//! A path is made of names of the schema and of indexes, what was expected and found of fixed
//! words. So an error can be logged and sent back: it must never hold anything of the text.

use otlp_wire::MAX_DEPTH;

/// Why a text is not a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}{path}: {fault}", if path.is_empty() { "" } else { ", " })]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The way to the member, such as `resourceLogs[0].scopeLogs[1].schemaUrl`; empty for the batch.
    /// Names are those of the schema, whatever the text calls them.
    pub path: String,
    /// What is wrong there.
    pub fault: JsonFault,
}

/// What can be wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// The text ends too early.
    #[error("text ends within the document")]
    Truncated,
    /// Not JSON; this should have stood here.
    #[error("expected {0}")]
    Syntax(&'static str),
    /// A control character in a string.
    #[error("control character in a string must be escaped")]
    Control,
    /// An escape that does not exist.
    #[error("invalid escape in a string")]
    Escape,
    /// Half of a pair of UTF-16 surrogates.
    #[error("unpaired surrogate in an escape")]
    Surrogate,
    /// Bytes that are not UTF-8.
    #[error("string is not valid UTF-8")]
    Utf8,
    /// Something after the document.
    #[error("text goes on after the document")]
    Trailing,
    /// More nesting than OTLP allows.
    #[error("more than {MAX_DEPTH} messages nest")]
    Depth,
    /// A value of another JSON type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the schema wants.
        expected: &'static str,
        /// The JSON type that stands there.
        found: &'static str,
    },
    /// A value of the right JSON type that does not mean such a thing, or is out of its range.
    #[error("expected {0}, found a value that is none")]
    Value(&'static str),
}

/// A fault on its way out of the messages around it.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The offset in the text.
    at: usize,
    fault: JsonFault,
    /// From the innermost to the outermost.
    path: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Member(&'static str),
    Element(usize),
}

impl Stop {
    pub(crate) fn new(at: usize, fault: JsonFault) -> Box<Self> {
        let path = Vec::new();
        Box::new(Self { at, fault, path })
    }

    /// The same fault, seen from the message that has this member.
    pub(crate) fn within(mut self: Box<Self>, name: &'static str) -> Box<Self> {
        self.path.push(Step::Member(name));
        self
    }

    /// The same fault, seen from the list that has this element.
    pub(crate) fn element(mut self: Box<Self>, index: usize) -> Box<Self> {
        self.path.push(Step::Element(index));
        self
    }

    /// The error for the sender of this text.
    pub(crate) fn locate(&self, text: &[u8]) -> JsonError {
        let before = text.get(..self.at).unwrap_or(text);
        let line_start = before.iter().rposition(|&byte| byte == b'\n');
        let line = before.get(line_start.map_or(0, |at| at + 1)..);
        let begins_character = |byte: &&u8| **byte & 0xc0 != 0x80;
        JsonError {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + line
                .unwrap_or_default()
                .iter()
                .filter(begins_character)
                .count(),
            path: self.path(),
            fault: self.fault,
        }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => path.extend([".", name]),
                Step::Element(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}
