//! A real batch of Codex: it comes out with the pod's attributes, and nothing else of it changes.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::json;
use std::path::Path;
use tamis_host::{Context, Outcome, Signal};

use crate::engine::{chain, spec};

fn demo(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/demo")
        .join(name);
    std::fs::read(path).unwrap().into()
}

#[test]
fn a_capture_gets_the_pods_attributes_and_keeps_all_else() {
    let settings = json!({});
    let chain = chain(vec![spec(&settings)], &settings);
    let context = Context::from_peer("10.244.0.3");
    for name in ["001-logs.bin", "002-logs.bin", "003-logs.bin"] {
        let input = demo(name);
        let Outcome::Edited { bytes, report } =
            chain.process(Signal::Logs, input.clone(), &context)
        else {
            panic!("{name}: not edited");
        };
        assert!(report.faults.is_empty());
        let before = ExportLogsServiceRequest::decode(input).unwrap();
        let mut after = ExportLogsServiceRequest::decode(bytes).unwrap();
        for (before, after) in before.resource_logs.iter().zip(&mut after.resource_logs) {
            let attributes = &mut after.resource.as_mut().unwrap().attributes;
            let given = before
                .resource
                .as_ref()
                .map_or(0, |resource| resource.attributes.len());
            assert_eq!(attributes.len(), given + 8, "{name}");
            attributes.truncate(given);
        }
        assert_eq!(before, after, "{name}");
    }
    let input = demo("004-traces.bin");
    let Outcome::Edited { bytes, .. } = chain.process(Signal::Traces, input, &context) else {
        panic!("traces not edited");
    };
    let traces = ExportTraceServiceRequest::decode(bytes).unwrap();
    let attributes = &traces.resource_spans[0]
        .resource
        .as_ref()
        .unwrap()
        .attributes;
    assert!(
        attributes
            .iter()
            .any(|pair| pair.key == "k8s.deployment.name"),
        "{attributes:?}"
    );
}

#[test]
fn a_codex_pod_is_known_by_what_codex_says_of_itself() {
    // Codex sets host.name on logs by itself, and the rest from OTEL_RESOURCE_ATTRIBUTES.
    let settings = json!({});
    for said in [
        ("k8s.pod.ip", "10.244.0.3"),
        ("k8s.pod.uid", "pod-1-uid"),
        ("host.name", "codex-6d4b75cb6d-00001"),
    ] {
        let added = crate::engine::added(&settings, &[said], Some("192.0.2.7"));
        assert!(
            added.contains(&"k8s.deployment.name=codex".to_owned()),
            "{said:?} {added:?}"
        );
    }
}
