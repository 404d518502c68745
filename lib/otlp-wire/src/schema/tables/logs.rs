//! The messages of logs.
//!
//! As opentelemetry-proto lists them; see [`super`] for what must hold.

use super::{RESOURCE, SCOPE, Table, entries, message, messages, number, one, table, text};
use crate::name::{Level, Place, RecordKind};
use crate::schema::enums::SEVERITY_NUMBER;
use crate::schema::{
    Message as M,
    Role::{self, Group},
    Type::{self, Fixed32, Fixed64, Id, Uint32},
};

pub(super) const REQUEST: Table = table(
    "ExportLogsServiceRequest",
    &[messages(
        1,
        "resourceLogs",
        M::ResourceLogs,
        Group(Level::Resource),
    )],
);

pub(super) const RESOURCE_LOGS: Table = table(
    "ResourceLogs",
    &[
        RESOURCE,
        messages(2, "scopeLogs", M::ScopeLogs, Group(Level::Scope)),
        text(3, "schemaUrl", Place::ResourceSchemaUrl),
    ],
);

pub(super) const SCOPE_LOGS: Table = table(
    "ScopeLogs",
    &[
        SCOPE,
        messages(2, "logRecords", M::LogRecord, Role::Record(RecordKind::Log)),
        text(3, "schemaUrl", Place::ScopeSchemaUrl),
    ],
);

pub(super) const LOG_RECORD: Table = table(
    "LogRecord",
    &[
        one(1, "timeUnixNano", Fixed64, Role::Start),
        one(
            2,
            "severityNumber",
            Type::Enum(&SEVERITY_NUMBER),
            Role::Code,
        ),
        text(3, "severityText", Place::SeverityText),
        message(5, "body", M::AnyValue, Role::Body),
        entries(6, "attributes", Place::RecordAttribute),
        number(7, "droppedAttributesCount", Uint32),
        number(8, "flags", Fixed32),
        one(9, "traceId", Id(16), Role::TraceId),
        one(10, "spanId", Id(8), Role::SpanId),
        number(11, "observedTimeUnixNano", Fixed64),
        text(12, "eventName", Place::LogEventName),
    ],
);
