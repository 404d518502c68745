//! YAML text to a tree of nodes with their places.
//!
//! Built on granit-parser's events, since every node needs its place (a plugin names a faulty
//! setting by path, long after parsing), which typed YAML libraries keep for some nodes only. A
//! config is trusted less than its author thinks: size, depth and the nodes that aliases multiply
//! are limited. Scalars are those of YAML 1.2's core schema, as in the Collector: `yes` is text.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::expand::{Expanded, expand};
use super::finding::Finding;
use super::node::{Member, Node, Pos, Value};

/// Bytes of a config.
pub const CONFIG_BYTES_MAX: usize = 4 << 20;
/// Nodes of a config, those that aliases repeat included.
pub const CONFIG_NODES_MAX: usize = 100_000;
/// Lists and maps within each other.
pub const CONFIG_DEPTH_MAX: usize = 64;

/// Reads a text; `env` gives the values of environment variables.
///
/// # Errors
/// The first fault, with its place and no value.
pub fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Node, Finding> {
    if text.len() > CONFIG_BYTES_MAX {
        let message = format!("the file has more than {CONFIG_BYTES_MAX} bytes");
        return Err(Finding::error(Pos::default(), "", message));
    }
    let mut builder = Builder {
        env,
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = Pos {
                line: error.marker().line(),
                column: error.marker().col() + 1,
            };
            Finding::error(at, "", format!("not YAML: {}", error.info()))
        })?;
        builder.event(event, &span)?;
    }
    Ok(builder.root.unwrap_or(Node {
        at: Pos { line: 1, column: 1 },
        value: Value::Null,
    }))
}

struct Builder<'e> {
    env: &'e dyn Fn(&str) -> Option<String>,
    open: Vec<Open>,
    /// Nodes by anchor, with how deep and how many they are.
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
    root: Option<Node>,
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Pos)>,
    /// The levels below it, and `nodes` when it was opened.
    depth: usize,
    nodes: usize,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Finding> {
        let at = Pos {
            line: span.start.line(),
            column: span.start.col() + 1,
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let named = tag.as_deref().map(|tag| tag.core_suffix().unwrap_or("?"));
                let is_key = self.awaits_key();
                let value = match named {
                    None if is_key => Value::String(text.into_owned()),
                    None => self.scalar(&text, plain, at)?,
                    Some("str") => Value::String(text.into_owned()),
                    Some("?") => return Err(Finding::error(at, "", "tags are not supported")),
                    Some(_) => core(&text),
                };
                self.count(1, at)?;
                self.add(Node { at, value }, anchor, 0, 1)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Value::List(Vec::new()), anchor, at),
            Event::MappingStart(_, anchor, _) => self.open(Value::Map(Vec::new()), anchor, at),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => {
                let Some((node, depth, nodes)) = self.anchors.get(&id) else {
                    let message = "the alias stands within what it refers to";
                    return Err(Finding::error(at, "", message));
                };
                let (depth, nodes) = (*depth, *nodes);
                // Counted before it is copied: this is what makes small files large.
                self.nodes += nodes;
                if self.nodes > CONFIG_NODES_MAX {
                    return Err(too_many(at));
                }
                let node = Node { at, ..node.clone() };
                self.add(node, 0, depth, nodes)
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a second document begins here; a config is one";
                Err(Finding::error(at, "", message))
            }
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.node.value, Value::Map(_)) && open.key.is_none())
    }

    fn scalar(&self, text: &str, plain: bool, at: Pos) -> Result<Value, Finding> {
        Ok(match expand(text, self.env) {
            Expanded::Plain if plain => core(text),
            Expanded::Plain => Value::String(text.to_owned()),
            Expanded::Whole(text) if plain => core(&text),
            Expanded::Whole(text) | Expanded::Text(text) => Value::String(text),
            Expanded::Unset(name) => Value::Unset(name),
            Expanded::Wrong(message) => return Err(Finding::error(at, "", message)),
        })
    }

    fn count(&mut self, nodes: usize, at: Pos) -> Result<(), Finding> {
        self.nodes += nodes;
        match self.nodes > CONFIG_NODES_MAX {
            true => Err(too_many(at)),
            false => Ok(()),
        }
    }

    fn open(&mut self, value: Value, anchor: usize, at: Pos) -> Result<(), Finding> {
        if self.awaits_key() {
            return Err(Finding::error(at, "", "a key must be text"));
        }
        let nodes = self.nodes;
        self.count(1, at)?;
        self.open.push(Open {
            node: Node { at, value },
            anchor,
            key: None,
            depth: 0,
            nodes,
        });
        self.deep(0, at)
    }

    /// Refuses so many levels more below the open ones.
    fn deep(&self, more: usize, at: Pos) -> Result<(), Finding> {
        if self.open.len() + more > CONFIG_DEPTH_MAX {
            let message = format!("lists and maps nest deeper than {CONFIG_DEPTH_MAX}");
            return Err(Finding::error(at, "", message));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Finding> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        merge(&mut open.node)?;
        let nodes = self.nodes - open.nodes;
        self.add(open.node, open.anchor, open.depth + 1, nodes)
    }

    /// Puts a node where it belongs: `depth` levels of lists and maps, `nodes` in all.
    fn add(
        &mut self,
        node: Node,
        anchor: usize,
        depth: usize,
        nodes: usize,
    ) -> Result<(), Finding> {
        self.deep(depth, node.at)?;
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), depth, nodes));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.depth = open.depth.max(depth);
        match &mut open.node.value {
            Value::List(items) => items.push(node),
            Value::Map(members) => match open.key.take() {
                Some((key, at)) => members.push(Member { key, at, node }),
                None => match node.value {
                    Value::String(key) => {
                        if key != "<<" && members.iter().any(|member| member.key == key) {
                            let message = "the key stands here for the second time";
                            return Err(Finding::error(node.at, key, message));
                        }
                        open.key = Some((key, node.at));
                    }
                    _ => return Err(Finding::error(node.at, "", "a key must be text")),
                },
            },
            _ => {}
        }
        Ok(())
    }
}

/// Takes in the members that `<<` brings, behind those that the map has itself.
fn merge(node: &mut Node) -> Result<(), Finding> {
    let Value::Map(members) = &mut node.value else {
        return Ok(());
    };
    let (merges, mut own): (Vec<_>, Vec<_>) = std::mem::take(members)
        .into_iter()
        .partition(|member| member.key == "<<");
    for merge in merges {
        let sources = match merge.node.value {
            Value::List(items) => items,
            _ => vec![merge.node],
        };
        for source in sources {
            let Value::Map(more) = source.value else {
                return Err(Finding::error(merge.at, "", "`<<` takes maps"));
            };
            for member in more {
                if own.iter().all(|known| known.key != member.key) {
                    own.push(member);
                }
            }
        }
    }
    *members = own;
    Ok(())
}

fn too_many(at: Pos) -> Finding {
    let message =
        format!("more than {CONFIG_NODES_MAX} values, those that aliases repeat included");
    Finding::error(at, "", message)
}

/// A plain scalar by the core schema.
fn core(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let radix = |prefix, radix| {
        let digits = text.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix)
            .ok()
            .filter(|_| !digits.starts_with(['+', '-']))
    };
    if let Some(int) = radix("0x", 16)
        .or_else(|| radix("0o", 8))
        .or_else(|| text.parse().ok())
    {
        return Value::Int(int);
    }
    let number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.chars().any(|c| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    match text.parse() {
        Ok(float) if number => Value::Float(float),
        _ => Value::String(text.to_owned()),
    }
}
