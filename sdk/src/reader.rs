//! A serde deserializer over JSON whose errors carry a path, a type and never a value, and that
//! notes keys which the author's type ignores.
//!
//! Why our own: `serde_path_to_error` and `serde_ignored` give the paths, but the message inside is
//! `serde_json`'s, which quotes values, and an error type cannot be exchanged from outside. What
//! serde buffers (untagged and internally tagged enums, `flatten`) is told with the path of its
//! outermost value, and unknown keys in there only where the type denies them.
//!
//! Must never: show anything of a value but its type.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};
use tamis_contract::ConfigFault;

pub(crate) use path::Path;

mod path;

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct ReadError {
    pub(crate) path: Path,
    pub(crate) message: String,
    /// Whether `path` is already that of the fault.
    placed: bool,
}

/// Reads a value but for what is `skipped`; says also which keys the type does not know.
pub(crate) fn read<T: DeserializeOwned>(
    value: &Value,
    skipped: &[Path],
) -> (Result<T, ReadError>, Vec<ConfigFault>) {
    let unknown = RefCell::new(Vec::new());
    let path = Path::default();
    let reader = Reader {
        value,
        path: &path,
        known: &[],
        skipped,
        unknown: &unknown,
    };
    let outcome = T::deserialize(reader).map_err(|error| error.at(&path));
    (outcome, unknown.into_inner())
}

/// One value on its way into a type.
#[derive(Clone, Copy)]
struct Reader<'de, 'p> {
    value: &'de Value,
    path: &'p Path,
    /// The keys that its map should have, when it stands in one.
    known: &'static [&'static str],
    /// Members and elements that are passed over.
    skipped: &'p [Path],
    unknown: &'p RefCell<Vec<ConfigFault>>,
}

impl<'de, 'p> Reader<'de, 'p> {
    fn visit<V: Visitor<'de>>(
        self,
        visitor: V,
        fields: &'static [&'static str],
    ) -> Result<V::Value, ReadError> {
        let visited = match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., Some(value)) => visitor.visit_f64(value),
                _ => Err(de::Error::custom("a number that cannot be represented")),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(values) => visitor.visit_seq(Elements {
                reader: self,
                values,
                next: 0,
            }),
            Value::Object(members) => visitor.visit_map(self.members(members, fields)),
        };
        visited.map_err(|error| error.at(self.path))
    }

    fn members(
        self,
        members: &'de Map<String, Value>,
        fields: &'static [&'static str],
    ) -> Members<'de, 'p> {
        Members {
            reader: self,
            members: members.iter(),
            current: None,
            fields,
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit(visitor, &[])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        // A list would otherwise be read as the struct's fields in order.
        if let Value::Array(_) = self.value {
            let error: ReadError = de::Error::invalid_type(Unexpected::Seq, &visitor);
            return Err(error.at(self.path));
        }
        self.visit(visitor, fields)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|error| error.at(self.path))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|error| error.at(self.path))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let visited = match self.value {
            Value::String(name) => visitor.visit_enum(name.as_str().into_deserializer()),
            Value::Object(members) if members.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(self.members(members, &[])))
            }
            _ => Err(de::Error::custom("must be a name, or a map of one name")),
        };
        visited.map_err(|error| error.at(self.path))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let message = unknown_key(self.path.last_key().unwrap_or_default(), self.known);
        self.unknown.borrow_mut().push(ConfigFault {
            path: self.path.to_string(),
            message,
        });
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier
    }
}

/// The elements of a list.
struct Elements<'de, 'p> {
    reader: Reader<'de, 'p>,
    values: &'de [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de, '_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let (path, value) = loop {
            let Some(value) = self.values.get(self.next) else {
                return Ok(None);
            };
            let path = self.reader.path.index(self.next);
            self.next += 1;
            if !self.reader.skipped.contains(&path) {
                break (path, value);
            }
        };
        let reader = Reader {
            value,
            path: &path,
            known: &[],
            ..self.reader
        };
        seed.deserialize(reader)
            .map(Some)
            .map_err(|error| error.at(&path))
    }
}

/// The members of a map.
struct Members<'de, 'p> {
    reader: Reader<'de, 'p>,
    members: serde_json::map::Iter<'de>,
    current: Option<(&'de String, &'de Value)>,
    fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let reader = self.reader;
        self.current = self
            .members
            .find(|(key, _)| !reader.skipped.contains(&reader.path.key(key)));
        match self.current {
            Some((key, _)) => seed.deserialize(key.as_str().into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let (key, value) = self.current.take().ok_or_else(|| {
            <ReadError as de::Error>::custom("a value was asked for before its key")
        })?;
        let path = self.reader.path.key(key);
        let reader = Reader {
            value,
            path: &path,
            known: self.fields,
            ..self.reader
        };
        seed.deserialize(reader).map_err(|error| error.at(&path))
    }
}

impl ReadError {
    fn new(message: impl fmt::Display) -> Self {
        Self {
            path: Path::default(),
            message: message.to_string(),
            placed: false,
        }
    }

    /// Says where, unless that is known already: the innermost place counts. A path that is there
    /// before is the unknown key below this place.
    fn at(mut self, path: &Path) -> Self {
        if !self.placed {
            self.path = path.join(&self.path);
            self.placed = true;
        }
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("must be {expected}, not {}", kind(&found)))
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("must be {expected}"))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Self::new(format_args!("must be {expected}, not {len} elements"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        let hint = did_you_mean(variant, expected);
        Self::new(format_args!("must be one of {}{hint}", names.join(", ")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self {
            path: Path::default().key(field),
            ..Self::new(unknown_key(field, expected))
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format_args!("the key `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format_args!("the key `{field}` stands twice"))
    }
}

/// What a value is, in the words of a config file.
fn kind(value: &Unexpected<'_>) -> &'static str {
    match value {
        Unexpected::Bool(_) => "a bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a map",
        Unexpected::UnitVariant | Unexpected::Enum => "a name alone",
        _ => "a value of another kind",
    }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    format!("unknown key{}", did_you_mean(key, known))
}

/// The nearest of the known names, when one is near.
fn did_you_mean(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|known| (strsim::osa_distance(name, known), known));
    match near.min_by_key(|(distance, _)| *distance) {
        Some((distance, known)) if distance <= 1 + known.len() / 4 => {
            format!("; did you mean `{known}`?")
        }
        _ => String::new(),
    }
}
