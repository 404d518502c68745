//! The tables against the descriptors that the protobuf compiler made of the `.proto` files.

use std::collections::BTreeMap;

use opentelemetry_proto::DESCRIPTORS;
use otlp_wire::schema::{Enum, Label, Message, Role, Type};
use otlp_wire::{Kind, Level, MAX_DEPTH, Place, RecordKind, Signal};
use prost::Message as _;

#[derive(Clone, PartialEq, prost::Message)]
struct FileSet {
    #[prost(message, repeated, tag = "1")]
    files: Vec<File>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct File {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "4")]
    messages: Vec<Described>,
    #[prost(message, repeated, tag = "5")]
    enums: Vec<DescribedEnum>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Described {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    fields: Vec<DescribedField>,
    #[prost(message, repeated, tag = "3")]
    nested: Vec<Described>,
    #[prost(message, repeated, tag = "4")]
    enums: Vec<DescribedEnum>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DescribedField {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int32, tag = "3")]
    number: i32,
    #[prost(int32, tag = "4")]
    label: i32,
    #[prost(int32, tag = "5")]
    kind: i32,
    #[prost(string, tag = "6")]
    type_name: String,
    #[prost(int32, optional, tag = "9")]
    oneof: Option<i32>,
    #[prost(string, tag = "10")]
    json_name: String,
    #[prost(bool, tag = "17")]
    proto3_optional: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DescribedEnum {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    values: Vec<DescribedValue>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct DescribedValue {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int32, tag = "2")]
    number: i32,
}

#[derive(Default)]
struct Descriptors {
    messages: BTreeMap<String, Described>,
    enums: BTreeMap<String, DescribedEnum>,
}

impl Descriptors {
    fn read() -> Self {
        let mut all = Self::default();
        for file in FileSet::decode(DESCRIPTORS).unwrap().files {
            if file.package.contains("profiles") {
                continue;
            }
            all.add(file.messages, file.enums);
        }
        all
    }

    fn add(&mut self, messages: Vec<Described>, enums: Vec<DescribedEnum>) {
        for described in enums {
            self.enums.insert(described.name.clone(), described);
        }
        for described in messages {
            self.add(described.nested.clone(), described.enums.clone());
            self.messages.insert(described.name.clone(), described);
        }
    }
}

/// The last part of a type name.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    for (index, word) in name.split('_').enumerate() {
        let (head, tail) = word.split_at(usize::from(index > 0 && !word.is_empty()));
        out.push_str(&head.to_uppercase());
        out.push_str(tail);
    }
    out
}

/// The number of a type in a descriptor, and the name of its message or enumeration.
fn described_type(kind: Type) -> (i32, &'static str) {
    match kind {
        Type::Double => (1, ""),
        Type::Int64 => (3, ""),
        Type::Uint64 => (4, ""),
        Type::Int32 => (5, ""),
        Type::Fixed64 => (6, ""),
        Type::Fixed32 => (7, ""),
        Type::Bool => (8, ""),
        Type::String => (9, ""),
        Type::Message(message) => (11, message.name()),
        Type::Bytes | Type::Id(_) => (12, ""),
        Type::Uint32 => (13, ""),
        Type::Enum(values) => (14, values.name),
        Type::Sfixed64 => (16, ""),
        Type::Sint32 => (17, ""),
    }
}

fn described_label(field: &DescribedField) -> Label {
    match (field.label, field.kind, field.oneof) {
        (3, _, _) => Label::Repeated,
        (_, _, Some(_)) if !field.proto3_optional => Label::Oneof,
        (_, 11, _) | (_, _, Some(_)) => Label::Optional,
        _ => Label::Plain,
    }
}

#[test]
fn tables_match_the_descriptors() {
    let all = Descriptors::read();
    for &message in Message::ALL {
        let described = &all.messages[message.name()];
        assert_eq!(
            message.fields().len(),
            described.fields.len(),
            "{}",
            message.name()
        );
        assert!(
            message.fields().is_sorted_by_key(|field| field.number),
            "{}",
            message.name()
        );
        for expected in &described.fields {
            let what = format!("{}.{}", message.name(), expected.name);
            let field = message.field(expected.number as u32).expect(&what);
            assert_eq!(field.number, expected.number as u32, "{what}");
            assert_eq!(field.name, camel(&expected.name), "{what}");
            assert_eq!(
                message.field_named(field.name).unwrap().number,
                field.number
            );
            let kind = (expected.kind, short(&expected.type_name));
            assert_eq!(described_type(field.kind), kind, "{what}");
            assert_eq!(field.label, described_label(expected), "{what}");
            if let Type::Enum(values) = field.kind {
                same_values(values, &all.enums[values.name]);
            }
        }
    }
}

fn same_values(values: &Enum, described: &DescribedEnum) {
    let expected: Vec<(i32, &str)> = described
        .values
        .iter()
        .map(|value| (value.number, value.name.as_str()))
        .collect();
    assert_eq!(values.values, expected);
    for (number, name) in expected {
        assert_eq!(values.number(name), Some(number));
    }
    assert_eq!(values.number("NO_SUCH_VALUE"), None);
}

#[test]
fn every_message_of_a_batch_is_in_the_tables() {
    let all = Descriptors::read();
    let requests = ["Trace", "Logs", "Metrics"].map(|name| format!("Export{name}ServiceRequest"));
    let mut reached: Vec<&str> = requests.iter().map(String::as_str).collect();
    let mut next = 0;
    while let Some(name) = reached.get(next) {
        next += 1;
        for field in &all.messages[*name].fields {
            let inner = short(&field.type_name);
            if field.kind == 11 && !reached.contains(&inner) {
                reached.push(inner);
            }
        }
    }
    reached.sort_unstable();
    let mut known: Vec<&str> = Message::ALL.iter().map(|message| message.name()).collect();
    known.sort_unstable();
    assert_eq!(known, reached);
}

#[test]
fn text_never_has_the_role_of_a_number() {
    for &message in Message::ALL {
        for field in message.fields() {
            let numeric = matches!(
                field.role,
                Role::Number | Role::Code | Role::Start | Role::End
            );
            let text = matches!(field.kind, Type::String | Type::Bytes | Type::Id(_));
            let part = matches!(field.kind, Type::Message(_));
            assert!(
                !(numeric && (text || part)),
                "{}.{}",
                message.name(),
                field.name
            );
        }
    }
}

#[test]
fn names_and_numbers_lead_back() {
    macro_rules! leads_back {
        ($type:ident, $last:literal) => {
            for (index, &one) in $type::ALL.iter().enumerate() {
                assert_eq!(one as usize, index);
                assert_eq!($type::from_u8(index as u8), Some(one));
                assert_eq!($type::parse(one.as_str()), Some(one));
                assert_eq!(one.to_string(), one.as_str());
            }
            assert_eq!($type::ALL.len(), $last + 1);
            assert_eq!($type::from_u8($last + 1), None);
            assert_eq!($type::parse("no such name"), None);
        };
    }
    leads_back!(Signal, 2);
    leads_back!(Place, 26);
    leads_back!(Kind, 8);
    leads_back!(RecordKind, 2);
    leads_back!(Level, 8);
    assert_eq!(MAX_DEPTH, 100);
}
