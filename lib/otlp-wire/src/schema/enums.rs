//! The enumerations of the schema, with their published names.
//!
//! OTLP/JSON writes the numbers; the names serve readers that take both, and reports. A number
//! without a name here is still valid on the wire and must pass unchanged.

/// An enumeration: its name in the `.proto` files and its values.
#[derive(Debug)]
pub struct Enum {
    /// The name, without package and enclosing message.
    pub name: &'static str,
    /// Number and name of each value, in the order of the numbers.
    pub values: &'static [(i32, &'static str)],
}

impl Enum {
    /// The number of the value with this name.
    pub fn number(&self, name: &str) -> Option<i32> {
        let found = self.values.iter().find(|(_, known)| *known == name);
        found.map(|(number, _)| *number)
    }
}

/// `Span.SpanKind`.
pub const SPAN_KIND: Enum = Enum {
    name: "SpanKind",
    values: &[
        (0, "SPAN_KIND_UNSPECIFIED"),
        (1, "SPAN_KIND_INTERNAL"),
        (2, "SPAN_KIND_SERVER"),
        (3, "SPAN_KIND_CLIENT"),
        (4, "SPAN_KIND_PRODUCER"),
        (5, "SPAN_KIND_CONSUMER"),
    ],
};

/// `Status.StatusCode`.
pub const STATUS_CODE: Enum = Enum {
    name: "StatusCode",
    values: &[
        (0, "STATUS_CODE_UNSET"),
        (1, "STATUS_CODE_OK"),
        (2, "STATUS_CODE_ERROR"),
    ],
};

/// `SeverityNumber` of log records.
pub const SEVERITY_NUMBER: Enum = Enum {
    name: "SeverityNumber",
    values: &[
        (0, "SEVERITY_NUMBER_UNSPECIFIED"),
        (1, "SEVERITY_NUMBER_TRACE"),
        (2, "SEVERITY_NUMBER_TRACE2"),
        (3, "SEVERITY_NUMBER_TRACE3"),
        (4, "SEVERITY_NUMBER_TRACE4"),
        (5, "SEVERITY_NUMBER_DEBUG"),
        (6, "SEVERITY_NUMBER_DEBUG2"),
        (7, "SEVERITY_NUMBER_DEBUG3"),
        (8, "SEVERITY_NUMBER_DEBUG4"),
        (9, "SEVERITY_NUMBER_INFO"),
        (10, "SEVERITY_NUMBER_INFO2"),
        (11, "SEVERITY_NUMBER_INFO3"),
        (12, "SEVERITY_NUMBER_INFO4"),
        (13, "SEVERITY_NUMBER_WARN"),
        (14, "SEVERITY_NUMBER_WARN2"),
        (15, "SEVERITY_NUMBER_WARN3"),
        (16, "SEVERITY_NUMBER_WARN4"),
        (17, "SEVERITY_NUMBER_ERROR"),
        (18, "SEVERITY_NUMBER_ERROR2"),
        (19, "SEVERITY_NUMBER_ERROR3"),
        (20, "SEVERITY_NUMBER_ERROR4"),
        (21, "SEVERITY_NUMBER_FATAL"),
        (22, "SEVERITY_NUMBER_FATAL2"),
        (23, "SEVERITY_NUMBER_FATAL3"),
        (24, "SEVERITY_NUMBER_FATAL4"),
    ],
};

/// `AggregationTemporality` of sums and histograms.
pub const AGGREGATION_TEMPORALITY: Enum = Enum {
    name: "AggregationTemporality",
    values: &[
        (0, "AGGREGATION_TEMPORALITY_UNSPECIFIED"),
        (1, "AGGREGATION_TEMPORALITY_DELTA"),
        (2, "AGGREGATION_TEMPORALITY_CUMULATIVE"),
    ],
};
