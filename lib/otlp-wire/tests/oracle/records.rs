//! What a walk says of the spans of which it wants hardly more than the record, against the decoder and
//! against a walk that looks at every field.

use std::ops::Range;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use otlp_wire::schema::Message;
use otlp_wire::{Kind, Place, Select, Signal, Tree, Value, WireError, walk};
use prost::Message as _;

/// Wants trace states and the attribute `wanted`, and passes by what it can, or nothing.
struct Named {
    passes: bool,
    bytes: Vec<u8>,
}

impl Select for Named {
    fn enter(&mut self, message: Message, range: &Range<usize>) -> bool {
        let wanted = |key: &[u8]| key == b"wanted";
        match message {
            Message::KeyValue => self.bytes[range.clone()].windows(6).any(wanted),
            _ => !matches!(message, Message::Event | Message::Link),
        }
    }

    fn passes(&self, message: Message) -> u32 {
        match message {
            Message::Span if self.passes => 1 << 5 | 1 << 11 | 1 << 13,
            _ => 0,
        }
    }

    fn take(&mut self, value: &Value, bytes: &[u8]) -> bool {
        let key = value.key.clone().and_then(|key| bytes.get(key));
        let wanted = key == Some(b"wanted") && value.kind != Kind::Key;
        value.place == Place::TraceState || value.place == Place::RecordAttribute && wanted
    }
}

fn walked(bytes: &[u8], passes: bool) -> Result<Tree, WireError> {
    let (mut tree, bytes) = (Tree::default(), bytes.to_vec());
    let mut select = Named {
        passes,
        bytes: bytes.clone(),
    };
    walk(Signal::Traces, &bytes, &mut select, &mut tree).map(|()| tree)
}

fn attribute(key: &str, text: &str) -> KeyValue {
    let value = any_value::Value::StringValue(text.to_owned());
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// A span with little in it, one with everything, and what lies between.
pub(crate) fn spans() -> Vec<Span> {
    let bare = Span {
        trace_id: (1..17).collect(),
        span_id: (21..29).collect(),
        name: "name".to_owned(),
        kind: 1,
        start_time_unix_nano: 0x0102_0304_0506_0708,
        end_time_unix_nano: 0x1112_1314_1516_1718,
        attributes: vec![attribute("a", "b"), attribute("longer", &"x".repeat(200))],
        ..Span::default()
    };
    let status = |message: &str, code| {
        Some(Status {
            message: message.to_owned(),
            code,
        })
    };
    let full = Span {
        trace_state: "ot=th:8".to_owned(),
        parent_span_id: (31..39).collect(),
        dropped_attributes_count: 1,
        events: vec![
            Event::default(),
            Event {
                name: "e".repeat(300),
                ..Event::default()
            },
        ],
        dropped_events_count: 2,
        links: vec![Link {
            trace_id: (1..17).collect(),
            ..Link::default()
        }],
        dropped_links_count: 3,
        status: status("", 2),
        flags: 0x101,
        ..bare.clone()
    };
    let with = |change: &dyn Fn(&mut Span)| {
        let mut span = full.clone();
        change(&mut span);
        span
    };
    vec![
        with(&|span| span.attributes.push(attribute("wanted", "v"))),
        with(&|span| span.status = status("words", 1)),
        with(&|span| span.status = status("", 0)),
        with(&|span| span.name = "n".repeat(200)),
        with(&|span| span.trace_state = "x".repeat(200)),
        with(&|span| span.kind = 0),
        with(&|span| span.start_time_unix_nano = 0),
        with(&|span| span.trace_id.clear()),
        with(&|span| span.span_id.push(1)),
        bare,
        full,
    ]
}

pub(crate) fn batch(spans: Vec<Span>) -> Vec<u8> {
    let scope_spans = vec![ScopeSpans {
        spans,
        ..ScopeSpans::default()
    }];
    let resource_spans = vec![ResourceSpans {
        scope_spans,
        ..ResourceSpans::default()
    }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// The tree says of each span what the decoder does.
fn agrees(bytes: &[u8], tree: &Tree) {
    let Ok(batch) = ExportTraceServiceRequest::decode(bytes) else {
        return;
    };
    let groups = batch.resource_spans.iter().flat_map(|one| &one.scope_spans);
    let spans: Vec<&Span> = groups.flat_map(|one| &one.spans).collect();
    assert_eq!(spans.len(), tree.records.len());
    for (at, (span, record)) in spans.iter().zip(&tree.records).enumerate() {
        assert_eq!(bytes[record.trace_id.clone()], span.trace_id);
        assert_eq!(bytes[record.span_id.clone()], span.span_id);
        assert_eq!(record.start_unix_nano, span.start_time_unix_nano);
        assert_eq!(record.end_unix_nano, span.end_time_unix_nano);
        assert_eq!(record.code, span.status.as_ref().map_or(0, |one| one.code));
        let state = |value: &&Value| value.place == Place::TraceState && value.record == at as u32;
        // Of two, the decoder believes the last.
        let state = tree.values.iter().rfind(state);
        let state = state.map_or(&[][..], |value| &bytes[value.payload.clone()]);
        assert_eq!(state, span.trace_state.as_bytes());
    }
}

#[test]
fn every_span_is_read_as_the_decoder_reads_it() {
    let bytes = batch(spans());
    for passes in [true, false] {
        agrees(&bytes, &walked(&bytes, passes).unwrap());
    }
}

#[test]
fn whatever_byte_is_another_both_walks_say_the_same() {
    for span in spans() {
        let bytes = batch(vec![span]);
        for at in 0..bytes.len() {
            for byte in 0..=u8::MAX {
                let mut changed = bytes.clone();
                changed[at] = byte;
                // Nothing gets to a walk that the door refuses.
                if otlp_wire::check(Signal::Traces, &changed).is_err() {
                    continue;
                }
                let (quick, whole) = (walked(&changed, true), walked(&changed, false));
                let (quick, whole) = (quick.unwrap(), whole.unwrap());
                assert_eq!(quick.records, whole.records, "byte {at} is {byte}");
                assert_eq!(quick.containers, whole.containers, "byte {at} is {byte}");
                assert_eq!(quick.values, whole.values, "byte {at} is {byte}");
                assert_eq!(quick.nests, whole.nests, "byte {at} is {byte}");
                agrees(&changed, &quick);
            }
        }
    }
}
