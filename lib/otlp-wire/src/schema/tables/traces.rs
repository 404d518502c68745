//! The messages of traces.
//!
//! As opentelemetry-proto lists them; see [`super`] for what must hold.

use super::{RESOURCE, SCOPE, Table, entries, message, messages, number, one, table, text};
use crate::name::{Level, Place, RecordKind};
use crate::schema::enums::{SPAN_KIND, STATUS_CODE};
use crate::schema::{
    Message as M,
    Role::{self, Group, Member, Part},
    Type::{self, Fixed32, Fixed64, Id, Uint32},
};

pub(super) const REQUEST: Table = table(
    "ExportTraceServiceRequest",
    &[messages(
        1,
        "resourceSpans",
        M::ResourceSpans,
        Group(Level::Resource),
    )],
);

pub(super) const RESOURCE_SPANS: Table = table(
    "ResourceSpans",
    &[
        RESOURCE,
        messages(2, "scopeSpans", M::ScopeSpans, Group(Level::Scope)),
        text(3, "schemaUrl", Place::ResourceSchemaUrl),
    ],
);

pub(super) const SCOPE_SPANS: Table = table(
    "ScopeSpans",
    &[
        SCOPE,
        messages(2, "spans", M::Span, Role::Record(RecordKind::Span)),
        text(3, "schemaUrl", Place::ScopeSchemaUrl),
    ],
);

pub(super) const SPAN: Table = table(
    "Span",
    &[
        one(1, "traceId", Id(16), Role::TraceId),
        one(2, "spanId", Id(8), Role::SpanId),
        text(3, "traceState", Place::TraceState),
        one(4, "parentSpanId", Id(8), Role::Id),
        text(5, "name", Place::SpanName),
        number(6, "kind", Type::Enum(&SPAN_KIND)),
        one(7, "startTimeUnixNano", Fixed64, Role::Start),
        one(8, "endTimeUnixNano", Fixed64, Role::End),
        entries(9, "attributes", Place::RecordAttribute),
        number(10, "droppedAttributesCount", Uint32),
        messages(11, "events", M::Event, Member(Level::Event)),
        number(12, "droppedEventsCount", Uint32),
        messages(13, "links", M::Link, Member(Level::Link)),
        number(14, "droppedLinksCount", Uint32),
        message(15, "status", M::Status, Part),
        number(16, "flags", Fixed32),
    ],
);

pub(super) const EVENT: Table = table(
    "Event",
    &[
        number(1, "timeUnixNano", Fixed64),
        text(2, "name", Place::SpanEventName),
        entries(3, "attributes", Place::EventAttribute),
        number(4, "droppedAttributesCount", Uint32),
    ],
);

pub(super) const LINK: Table = table(
    "Link",
    &[
        one(1, "traceId", Id(16), Role::Id),
        one(2, "spanId", Id(8), Role::Id),
        text(3, "traceState", Place::LinkTraceState),
        entries(4, "attributes", Place::LinkAttribute),
        number(5, "droppedAttributesCount", Uint32),
        number(6, "flags", Fixed32),
    ],
);

pub(super) const STATUS: Table = table(
    "Status",
    &[
        text(2, "message", Place::StatusMessage),
        one(3, "code", Type::Enum(&STATUS_CODE), Role::Code),
    ],
);
