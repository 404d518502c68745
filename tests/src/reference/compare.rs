//! Two batches as trees of JSON in which only what the Collector's encoding keeps is left: empty
//! messages and ids of zeros are as absent ones, and the order of attributes does not count.

use opentelemetry_proto::tonic::collector::{logs, metrics, trace};
use prost::Message;
use serde_json::Value as Json;
use tamis_host::Signal;

/// Members of a oneof: there an empty message is not an absent one.
const ALTERNATIVES: [&str; 7] = [
    "arrayValue",
    "kvlistValue",
    "gauge",
    "sum",
    "histogram",
    "exponentialHistogram",
    "summary",
];

/// A batch as it counts.
pub(super) fn tree(signal: Signal, batch: &[u8]) -> Json {
    let canonical = match signal {
        Signal::Traces => again::<trace::v1::ExportTraceServiceRequest>(batch),
        Signal::Logs => again::<logs::v1::ExportLogsServiceRequest>(batch),
        Signal::Metrics => again::<metrics::v1::ExportMetricsServiceRequest>(batch),
    };
    let mut text = Vec::new();
    otlp_json::to_json(signal, &canonical, otlp_json::Style::Compact, &mut text).unwrap();
    let mut tree = serde_json::from_slice(&text).unwrap();
    settle(&mut tree);
    tree
}

fn again<M: Message + Default>(batch: &[u8]) -> Vec<u8> {
    M::decode(batch).unwrap().encode_to_vec()
}

fn settle(tree: &mut Json) {
    match tree {
        Json::Object(members) => {
            members.values_mut().for_each(settle);
            members.retain(|name, value| {
                ALTERNATIVES.contains(&name.as_str()) || !is_nothing(name, value)
            });
            for name in ["attributes", "filteredAttributes"] {
                if let Some(Json::Array(entries)) = members.get_mut(name) {
                    entries.sort_by_cached_key(Json::to_string);
                }
            }
        }
        Json::Array(elements) => elements.iter_mut().for_each(settle),
        _ => {}
    }
}

fn is_nothing(name: &str, value: &Json) -> bool {
    match value {
        Json::Object(members) => members.is_empty(),
        Json::Array(elements) => elements.is_empty(),
        Json::String(id) if name.ends_with("Id") => id.bytes().all(|digit| digit == b'0'),
        _ => false,
    }
}

/// Where two trees differ first.
pub(super) fn difference(ours: &Json, theirs: &Json, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(name, value)| difference(value, &b[name], &format!("{path}.{name}"))),
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (a, b))| difference(a, b, &format!("{path}[{at}]")))
        }
        _ if ours == theirs => None,
        _ => Some(format!("{path}\n  ours   {ours}\n  theirs {theirs}")),
    }
}
