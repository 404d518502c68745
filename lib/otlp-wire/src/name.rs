//! The small closed sets of names: signals, places, kinds, levels.
//!
//! Their numbers and names cross to guests, to configs and to reports, so they stand in one file.
//! A number or a name that was published must never change its meaning; new ones go at the end.

use std::fmt;

/// An enum with a fixed number and a fixed name for each variant.
macro_rules! named {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type { $($(#[$doc])* $variant = $number,)+ }

        impl $type {
            /// Every variant, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in configs and reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The variant of this name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// The variant of this number.
            pub const fn from_u8(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// What a batch carries.
    Signal {
        /// `ExportTraceServiceRequest`.
        Traces = 0 "traces",
        /// `ExportLogsServiceRequest`.
        Logs = 1 "logs",
        /// `ExportMetricsServiceRequest`.
        Metrics = 2 "metrics",
    }
}

named! {
    /// Where in a batch a value stands.
    ///
    /// Keys have the place of their container, nested values the place of the outermost value.
    Place {
        /// A field that the schema does not know, at any level: text, or a message or group with
        /// tags and lengths between its texts, so that borders of words mean nothing in it.
        Unknown = 0 "unknown",
        /// An attribute of a resource.
        ResourceAttribute = 1 "resource_attribute",
        /// An attribute of an instrumentation scope.
        ScopeAttribute = 2 "scope_attribute",
        /// An attribute of a span, a log record or a metric data point.
        RecordAttribute = 3 "record_attribute",
        /// An attribute of a span event.
        EventAttribute = 4 "event_attribute",
        /// An attribute of a span link.
        LinkAttribute = 5 "link_attribute",
        /// A filtered attribute of an exemplar.
        ExemplarAttribute = 6 "exemplar_attribute",
        /// An entry of a metric's metadata.
        MetricMetadata = 7 "metric_metadata",
        /// The body of a log record, or what is nested in it.
        Body = 8 "body",
        /// The name of a span.
        SpanName = 9 "span_name",
        /// The name of a span event.
        SpanEventName = 10 "span_event_name",
        /// The event name of a log record.
        LogEventName = 11 "log_event_name",
        /// The severity of a log record as text.
        SeverityText = 12 "severity_text",
        /// The message of a span's status.
        StatusMessage = 13 "status_message",
        /// The W3C trace state of a span.
        TraceState = 14 "trace_state",
        /// The W3C trace state of a span link.
        LinkTraceState = 15 "link_trace_state",
        /// The name of an instrumentation scope.
        ScopeName = 16 "scope_name",
        /// The version of an instrumentation scope.
        ScopeVersion = 17 "scope_version",
        /// The schema URL that stands beside a resource.
        ResourceSchemaUrl = 18 "resource_schema_url",
        /// The schema URL that stands beside a scope.
        ScopeSchemaUrl = 19 "scope_schema_url",
        /// The name of a metric.
        MetricName = 20 "metric_name",
        /// The description of a metric.
        MetricDescription = 21 "metric_description",
        /// The unit of a metric.
        MetricUnit = 22 "metric_unit",
        /// The type of an entity reference.
        EntityType = 23 "entity_type",
        /// The schema URL of an entity reference.
        EntitySchemaUrl = 24 "entity_schema_url",
        /// An id key or description key of an entity reference.
        EntityKey = 25 "entity_key",
        /// A trace or span id that has not its proper size.
        Id = 26 "id",
    }
}

named! {
    /// What a value is made of, and so how its payload reads.
    Kind {
        /// An attribute value with nothing in it; the payload is empty.
        Empty = 0 "empty",
        /// Text.
        String = 1 "string",
        /// A varint, 0 or 1.
        Bool = 2 "bool",
        /// A varint, two's complement.
        Int = 3 "int",
        /// Eight bytes, little endian.
        Double = 4 "double",
        /// An `ArrayValue`; its elements are values of their own.
        Array = 5 "array",
        /// A `KeyValueList`; its keys and values are values of their own.
        Kvlist = 6 "kvlist",
        /// Raw bytes.
        Bytes = 7 "bytes",
        /// The key of an entry of a container.
        Key = 8 "key",
    }
}

named! {
    /// What a record is.
    RecordKind {
        /// A span.
        Span = 0 "span",
        /// A log record.
        Log = 1 "log",
        /// A metric data point.
        Point = 2 "point",
    }
}

named! {
    /// Where a container stands.
    Level {
        /// The attributes of a resource.
        Resource = 0 "resource",
        /// The attributes of an instrumentation scope.
        Scope = 1 "scope",
        /// The attributes of a record.
        Record = 2 "record",
        /// The attributes of a span event.
        Event = 3 "event",
        /// The attributes of a span link.
        Link = 4 "link",
        /// The filtered attributes of an exemplar.
        Exemplar = 5 "exemplar",
        /// The metadata of a metric.
        Metric = 6 "metric",
        /// A list of entries that is the body of a log record.
        Body = 7 "body",
        /// A list of entries within a value.
        Nested = 8 "nested",
    }
}
