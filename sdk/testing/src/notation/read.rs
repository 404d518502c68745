//! Text to protobuf: each message gathers its encoded fields and is closed in the order of numbers.
//!
//! Must never: nest deeper than OTLP allows, or panic on any text.

use otlp_wire::schema::{Enum, Field, Label, Message, Type, Wire};
use otlp_wire::{MAX_DEPTH, Signal, write_len_field, write_tag};

use super::fields::{self, Any};
use super::token::{Token, tokens};
use super::{entries, owner, word};

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct NotationError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// The batch that a text describes. Without a signal, the text's own words decide.
///
/// # Errors
/// [`NotationError`], of the signal that came furthest.
pub fn to_bytes(signal: Option<Signal>, text: &str) -> Result<(Signal, Vec<u8>), NotationError> {
    let tokens = tokens(text).map_err(|(line, what)| error(line, what))?;
    // A text without records may be any signal: then it is logs.
    let order = [Signal::Logs, Signal::Traces, Signal::Metrics];
    let signals = order
        .into_iter()
        .filter(|one| signal.is_none_or(|signal| signal == *one));
    let mut furthest: Option<NotationError> = None;
    for signal in signals {
        match Reader::new(&tokens).batch(signal) {
            Ok(bytes) => return Ok((signal, bytes)),
            Err(error)
                if furthest
                    .as_ref()
                    .is_none_or(|other| other.line < error.line) =>
            {
                furthest = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(furthest.unwrap_or_else(|| error(0, "there is no such signal")))
}

fn error(line: usize, what: impl Into<String>) -> NotationError {
    NotationError {
        line,
        what: what.into(),
    }
}

/// A message that is open.
struct Node {
    message: Message,
    /// Number of its field in the message around it, and whether that is the owner of the group.
    number: u32,
    in_owner: bool,
    fields: Vec<(u32, Vec<u8>)>,
    owner: Option<Vec<(u32, Vec<u8>)>>,
}

impl Node {
    fn new(message: Message, number: u32, in_owner: bool) -> Self {
        Self {
            message,
            number,
            in_owner,
            fields: Vec::new(),
            owner: None,
        }
    }

    fn push(&mut self, in_owner: bool, number: u32, field: Vec<u8>) {
        let fields = if in_owner {
            self.owner.get_or_insert_default()
        } else {
            &mut self.fields
        };
        fields.push((number, field));
    }

    fn close(mut self) -> Vec<u8> {
        if let (Some(fields), Some((field, _))) = (self.owner, owner(self.message)) {
            self.fields
                .push((field.number, len_field(field.number, &close(fields))));
        }
        close(self.fields)
    }
}

fn close(mut fields: Vec<(u32, Vec<u8>)>) -> Vec<u8> {
    fields.sort_by_key(|(number, _)| *number);
    fields.into_iter().flat_map(|(_, field)| field).collect()
}

fn len_field(number: u32, payload: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    write_len_field(number, payload, &mut field);
    field
}

struct Reader<'t> {
    tokens: &'t [(usize, Token)],
    next: usize,
}

impl<'t> Reader<'t> {
    fn new(tokens: &'t [(usize, Token)]) -> Self {
        Self { tokens, next: 0 }
    }

    fn batch(mut self, signal: Signal) -> Result<Vec<u8>, NotationError> {
        let mut open = vec![Node::new(Message::batch(signal), 0, false)];
        while let Some(token) = self.take() {
            match token {
                Token::Sign('{') => self.attributes(&mut open)?,
                Token::Word(name) if self.accept('=') => self.field(name, &mut open)?,
                Token::Word(name) => self.open(name, &mut open)?,
                _ => return Err(self.wrong("a message, a field or `{` should stand here")),
            }
        }
        while open.len() > 1 {
            pop(&mut open);
        }
        Ok(open.pop().map(Node::close).unwrap_or_default())
    }

    /// Opens the message of this word in the nearest open one that can hold it.
    fn open(&self, name: &str, open: &mut Vec<Node>) -> Result<(), NotationError> {
        for depth in (0..open.len()).rev() {
            let Some(path) = path(open[depth].message, name) else {
                continue;
            };
            while open.len() > depth + 1 {
                pop(open);
            }
            open.extend(path);
            return Ok(());
        }
        Err(self.wrong(&format!("no message that is open here can hold a `{name}`")))
    }

    fn attributes(&mut self, open: &mut [Node]) -> Result<(), NotationError> {
        let node = open
            .last_mut()
            .ok_or_else(|| self.wrong("no message is open"))?;
        let owner = owner(node.message).map(|(_, message)| message);
        let field = entries(owner.unwrap_or(node.message));
        let field = field.ok_or_else(|| self.wrong("this message has no attributes"))?;
        // An owner without attributes is still there.
        if owner.is_some() {
            node.owner.get_or_insert_default();
        }
        for (key, value) in self.map(0)? {
            let entry = fields::entry(field.number, &key, value.as_ref());
            node.push(owner.is_some(), field.number, entry);
        }
        Ok(())
    }

    fn field(&mut self, name: &str, open: &mut [Node]) -> Result<(), NotationError> {
        let node = open
            .last_mut()
            .ok_or_else(|| self.wrong("no message is open"))?;
        if let Ok(number) = name.parse::<u32>() {
            let unknown = match self.take() {
                Some(Token::Bytes(bytes)) => len_field(number, bytes),
                Some(Token::Text(text)) => len_field(number, text.as_bytes()),
                _ => return Err(self.wrong("an unknown field holds text or bytes")),
            };
            node.push(false, number, unknown);
            return Ok(());
        }
        let owner = owner(node.message).and_then(|(_, message)| message.field_named(name));
        let (in_owner, field) = match (node.message.field_named(name), owner) {
            (Some(field), _) => (false, field),
            (None, Some(field)) => (true, field),
            (None, None) => return Err(self.wrong(&format!("`{name}` is no field here"))),
        };
        let encoded = self.value(field)?;
        node.push(in_owner, field.number, encoded);
        Ok(())
    }

    /// The value of a field, encoded with its tag.
    fn value(&mut self, field: &'static Field) -> Result<Vec<u8>, NotationError> {
        let number = field.number;
        if let Type::Message(message) = field.kind {
            return match message {
                Message::AnyValue => Ok(len_field(number, &fields::any(&self.any(0)?))),
                Message::KeyValue if self.accept('{') => {
                    let entries = self.map(0)?;
                    let entry = |(key, value): &(String, Option<Any>)| {
                        fields::entry(number, key, value.as_ref())
                    };
                    Ok(entries.iter().flat_map(entry).collect())
                }
                _ => Err(self.wrong(&format!("`{}` is a message of its own", field.name))),
            };
        }
        if field.label != Label::Repeated {
            let payload = self.scalar(field.kind)?;
            let default = field.label == Label::Plain && fields::is_default(field.kind, &payload);
            return Ok(if default {
                Vec::new()
            } else {
                tagged(number, field.kind, &payload)
            });
        }
        self.expect('[')?;
        let mut elements = Vec::new();
        while !self.accept(']') {
            elements.push(self.scalar(field.kind)?);
            self.separate(']')?;
        }
        if field.kind.wire() == Wire::Len {
            let each = elements
                .iter()
                .flat_map(|element| tagged(number, field.kind, element));
            return Ok(each.collect());
        }
        let packed = elements.concat();
        Ok(if packed.is_empty() {
            Vec::new()
        } else {
            len_field(number, &packed)
        })
    }

    /// A value that is no message, encoded without tag and length.
    fn scalar(&mut self, kind: Type) -> Result<Vec<u8>, NotationError> {
        let payload = match (kind, self.take()) {
            (Type::String, Some(Token::Text(text))) => Some(text.clone().into_bytes()),
            (Type::Bytes | Type::Id(_), Some(Token::Bytes(bytes))) => Some(bytes.clone()),
            (Type::Enum(names), Some(Token::Word(name))) => enum_number(names, name),
            (kind, Some(Token::Word(word))) => fields::number(kind, word),
            _ => None,
        };
        payload.ok_or_else(|| self.wrong("this value does not fit its field"))
    }

    /// The members of a map whose `{` was taken.
    fn map(&mut self, depth: usize) -> Result<Vec<(String, Option<Any>)>, NotationError> {
        let mut members = Vec::new();
        while !self.accept('}') {
            let key = match self.take() {
                Some(Token::Word(key) | Token::Text(key)) => key.clone(),
                _ => return Err(self.wrong("a key should stand here")),
            };
            let value = if self.accept('=') {
                Some(self.any(depth + 1)?)
            } else {
                None
            };
            members.push((key, value));
            self.separate('}')?;
        }
        Ok(members)
    }

    fn any(&mut self, depth: usize) -> Result<Any, NotationError> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("values are nested too deep"));
        }
        Ok(match self.take() {
            Some(Token::Text(text)) => Any::String(text.clone()),
            Some(Token::Bytes(bytes)) => Any::Bytes(bytes.clone()),
            Some(Token::Word(word)) => {
                fields::literal(word).ok_or_else(|| self.wrong("text stands in quotes"))?
            }
            Some(Token::Sign('{')) => Any::Kvlist(self.map(depth)?),
            Some(Token::Sign('[')) => {
                let mut elements = Vec::new();
                while !self.accept(']') {
                    elements.push(self.any(depth + 1)?);
                    self.separate(']')?;
                }
                Any::Array(elements)
            }
            _ => return Err(self.wrong("a value should stand here")),
        })
    }

    fn take(&mut self) -> Option<&'t Token> {
        let (_, token) = self.tokens.get(self.next)?;
        self.next += 1;
        Some(token)
    }

    fn accept(&mut self, sign: char) -> bool {
        let there =
            matches!(self.tokens.get(self.next), Some((_, Token::Sign(next))) if *next == sign);
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, sign: char) -> Result<(), NotationError> {
        if self.accept(sign) {
            Ok(())
        } else {
            Err(self.wrong(&format!("`{sign}` should stand here")))
        }
    }

    /// A comma, unless the end follows.
    fn separate(&mut self, end: char) -> Result<(), NotationError> {
        let ends =
            matches!(self.tokens.get(self.next), Some((_, Token::Sign(next))) if *next == end);
        if ends { Ok(()) } else { self.expect(',') }
    }

    /// An error at the token that was taken last.
    fn wrong(&self, what: &str) -> NotationError {
        let at = self
            .tokens
            .get(self.next.saturating_sub(1))
            .or(self.tokens.last());
        error(at.map_or(1, |(line, _)| *line), what)
    }
}

fn pop(open: &mut Vec<Node>) {
    if let Some(node) = open.pop() {
        let (number, in_owner) = (node.number, node.in_owner);
        let field = len_field(number, &node.close());
        if let Some(around) = open.last_mut() {
            around.push(in_owner, number, field);
        }
    }
}

/// The messages to open from `message` down to the one of this word, implied groups included.
fn path(message: Message, name: &str) -> Option<Vec<Node>> {
    let child = |field: &Field, in_owner| match field.kind {
        Type::Message(message) => Some(Node::new(message, field.number, in_owner)),
        _ => None,
    };
    let here = |message: Message| {
        message
            .fields()
            .iter()
            .find(|field| word(field) == Some(name))
    };
    if let Some(field) = here(message) {
        return Some(vec![child(field, false)?]);
    }
    if let Some(field) = owner(message).and_then(|(_, message)| here(message)) {
        return Some(vec![child(field, true)?]);
    }
    let is_group = |field: &&Field| matches!(field.role, otlp_wire::schema::Role::Group(_));
    let group = child(message.fields().iter().find(is_group)?, false)?;
    let below = path(group.message, name)?;
    Some(std::iter::once(group).chain(below).collect())
}

fn tagged(number: u32, kind: Type, payload: &[u8]) -> Vec<u8> {
    if kind.wire() == Wire::Len {
        return len_field(number, payload);
    }
    let mut field = Vec::new();
    write_tag(number, kind.wire(), &mut field);
    field.extend_from_slice(payload);
    field
}

fn enum_number(names: &Enum, word: &str) -> Option<Vec<u8>> {
    match names.number(word) {
        Some(number) => fields::number(Type::Int32, &number.to_string()),
        None => fields::number(Type::Int32, word),
    }
}
