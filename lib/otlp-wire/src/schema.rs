//! The OTLP schema as tables: every message, every field, what it is called and what it means.
//!
//! One set of tables drives the check, the walk and the JSON transcoder, so that none of them can
//! know a field that another forgets. They follow opentelemetry-proto 1.x (with entity references,
//! event names, metric metadata and the string-table indexes of 1.10) and must name every field of
//! it: a test compares them with the descriptors that the protobuf compiler made.

mod enums;
mod rules;
mod tables;

use crate::name::{Kind, Level, Place, RecordKind, Signal};

pub use enums::{AGGREGATION_TEMPORALITY, Enum, SEVERITY_NUMBER, SPAN_KIND, STATUS_CODE};
pub(crate) use rules::{Rule, entries, is_record, numbers, packed, passable, rule};

/// A message of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(
    missing_docs,
    reason = "the variants are the messages of opentelemetry-proto"
)]
pub enum Message {
    TracesRequest,
    LogsRequest,
    MetricsRequest,
    ResourceSpans,
    ResourceLogs,
    ResourceMetrics,
    ScopeSpans,
    ScopeLogs,
    ScopeMetrics,
    Resource,
    Scope,
    EntityRef,
    KeyValue,
    AnyValue,
    ArrayValue,
    KeyValueList,
    Span,
    Event,
    Link,
    Status,
    LogRecord,
    Metric,
    Gauge,
    Sum,
    Histogram,
    ExponentialHistogram,
    Summary,
    NumberDataPoint,
    HistogramDataPoint,
    ExponentialHistogramDataPoint,
    Buckets,
    SummaryDataPoint,
    ValueAtQuantile,
    Exemplar,
}

impl Message {
    /// Every message, in the order of the variants.
    pub const ALL: &'static [Self] = tables::ALL;

    /// The message that a batch of this signal is.
    pub const fn batch(signal: Signal) -> Self {
        match signal {
            Signal::Traces => Self::TracesRequest,
            Signal::Logs => Self::LogsRequest,
            Signal::Metrics => Self::MetricsRequest,
        }
    }

    /// Its name in the `.proto` files, without the package.
    pub const fn name(self) -> &'static str {
        tables::TABLES[self as usize].name
    }

    /// Its fields, ordered by number.
    pub const fn fields(self) -> &'static [Field] {
        tables::TABLES[self as usize].fields
    }

    /// The field of this number.
    #[inline]
    pub fn field(self, number: u32) -> Option<&'static Field> {
        rules::field(self, number)
    }

    /// The field of this name in OTLP/JSON.
    pub fn field_named(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

/// One field of a message.
#[derive(Debug)]
pub struct Field {
    /// The field number.
    pub number: u32,
    /// The name in OTLP/JSON (lowerCamelCase), as OTLP wants it also for reading.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// How often it may stand, and whether its absence means something.
    pub label: Label,
    /// What it means to a walk.
    pub role: Role,
}

/// How often a field may stand in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// At most once; absent is the same as the default value, and JSON leaves the default out.
    Plain,
    /// At most once; absent differs from the default value (`optional`, and every message).
    Optional,
    /// One of the message's alternatives (no message has two groups of them); the last one counts.
    Oneof,
    /// Any number of times. Numbers are written packed and read both ways.
    Repeated,
}

/// What a field holds: its protobuf type, with what OTLP/JSON has to know on top.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// UTF-8 text.
    String,
    /// Bytes; base64 in JSON.
    Bytes,
    /// Bytes of a trace or span id of this size; hexadecimal in JSON.
    Id(u8),
    /// A varint, 0 or 1.
    Bool,
    /// A varint, two's complement.
    Int32,
    /// A varint, two's complement; a string in JSON.
    Int64,
    /// A varint.
    Uint32,
    /// A varint; a string in JSON.
    Uint64,
    /// A zigzag varint.
    Sint32,
    /// Four bytes.
    Fixed32,
    /// Eight bytes; a string in JSON.
    Fixed64,
    /// Eight bytes, two's complement; a string in JSON.
    Sfixed64,
    /// Eight bytes, IEEE 754.
    Double,
    /// A varint with names; its number in OTLP/JSON.
    Enum(&'static Enum),
    /// A message.
    Message(Message),
}

impl Type {
    /// The wire type of one such field (unpacked).
    pub const fn wire(self) -> Wire {
        match self {
            Self::String | Self::Bytes | Self::Id(_) | Self::Message(_) => Wire::Len,
            Self::Fixed32 => Wire::Fixed32,
            Self::Fixed64 | Self::Sfixed64 | Self::Double => Wire::Fixed64,
            Self::Bool
            | Self::Int32
            | Self::Int64
            | Self::Uint32
            | Self::Uint64
            | Self::Sint32
            | Self::Enum(_) => Wire::Varint,
        }
    }
}

/// How a field is laid out in the bytes: the low three bits of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Wire {
    /// A base-128 integer.
    Varint = 0,
    /// Eight bytes.
    Fixed64 = 1,
    /// A length, and as many bytes.
    Len = 2,
    /// The begin of a group (deprecated; no OTLP field uses it).
    GroupStart = 3,
    /// The end of a group.
    GroupEnd = 4,
    /// Four bytes.
    Fixed32 = 5,
}

impl Wire {
    /// The wire type of these three bits.
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::Varint),
            1 => Some(Self::Fixed64),
            2 => Some(Self::Len),
            3 => Some(Self::GroupStart),
            4 => Some(Self::GroupEnd),
            5 => Some(Self::Fixed32),
            _ => None,
        }
    }
}

/// What a field means to a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A number, a time, a count: nothing to show.
    Number,
    /// The status code of a span or the severity number of a log record.
    Code,
    /// A leaf that is a value of this place.
    Leaf(Place),
    /// When a record began, or was made.
    Start,
    /// When a record ended.
    End,
    /// The trace id of a record.
    TraceId,
    /// The span id of a record.
    SpanId,
    /// Another id.
    Id,
    /// A message that only gives structure: what it holds belongs to the message around it.
    Part,
    /// All that belongs to one resource, or within it to one scope.
    Group(Level),
    /// The resource or the scope itself, within its group; its occurrences are one container.
    Owner(Level),
    /// A repeated message that is a container of its own: event, link, exemplar, metric.
    Member(Level),
    /// A record.
    Record(RecordKind),
    /// Entries of the container that the message is.
    Entries(Place),
    /// The key of an entry.
    Key,
    /// The value of an entry.
    Value,
    /// The body of a log record.
    Body,
    /// An element of an array.
    Element,
    /// An alternative of an `AnyValue`.
    Alternative(Kind),
}
