//! Chains with the plugin over the table of the cluster that stands in the test data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use serde_json::Value as Json;
use tamis_host::{Chain, ChainBuilder, Code, Context, Grant, Outcome, PluginSpec, Signal};
use tamis_kubernetes::{Feed, Pods, Settings, TABLE};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/k8s/cluster.json")
}

/// A table of the cluster that keeps what these settings ask for.
pub(crate) fn table(settings: &Json) -> Arc<Pods> {
    let settings = Settings::from_json(settings).unwrap();
    Feed::from_file(&data(), &settings).unwrap().table()
}

/// The plugin with these settings, as a part of a chain.
pub(crate) fn spec(settings: &Json) -> PluginSpec {
    let code = Code::Native(tamis_plugin_k8s_attributes::native());
    let mut spec = PluginSpec::new("k8sattributes", code).with_settings(settings.clone());
    spec.grants = vec![Grant::Lookup];
    spec
}

/// A chain of these plugins over the cluster's table.
pub(crate) fn chain(specs: Vec<PluginSpec>, settings: &Json) -> Chain {
    let builder = ChainBuilder::new().table(TABLE, table(settings));
    specs
        .into_iter()
        .fold(builder, ChainBuilder::plugin)
        .build()
        .unwrap()
}

fn text(text: &str) -> AnyValue {
    AnyValue {
        value: Some(any_value::Value::StringValue(text.to_owned())),
    }
}

/// A batch of one log record whose resource has these attributes.
pub(crate) fn batch(resource: &[(&str, &str)]) -> ExportLogsServiceRequest {
    let attributes = resource.iter().map(|(key, value)| KeyValue {
        key: (*key).to_owned(),
        value: Some(text(value)),
        ..KeyValue::default()
    });
    let resource = Resource {
        attributes: attributes.collect(),
        ..Resource::default()
    };
    let record = LogRecord {
        body: Some(text("a body")),
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    };
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource),
            scope_logs: vec![scope],
            ..ResourceLogs::default()
        }],
    }
}

/// What a chain makes of a batch of logs from this peer.
pub(crate) fn run(
    chain: &Chain,
    batch: &ExportLogsServiceRequest,
    peer: Option<&str>,
) -> ExportLogsServiceRequest {
    let bytes = Bytes::from(batch.encode_to_vec());
    let context = peer.map_or_else(Context::default, Context::from_peer);
    match chain.process(Signal::Logs, bytes, &context) {
        Outcome::Unchanged { report, .. } => {
            assert!(report.faults.is_empty(), "{:?}", report.faults);
            batch.clone()
        }
        Outcome::Edited { bytes, report } => {
            assert!(report.faults.is_empty(), "{:?}", report.faults);
            ExportLogsServiceRequest::decode(bytes).unwrap()
        }
        other => panic!("the batch did not get through: {other:?}"),
    }
}

/// Attributes of the first resource as `key=text`.
pub(crate) fn resource(batch: &ExportLogsServiceRequest) -> Vec<String> {
    let resource = batch.resource_logs[0].resource.clone().unwrap_or_default();
    resource.attributes.iter().map(shown).collect()
}

fn shown(pair: &KeyValue) -> String {
    let value = match &pair.value {
        Some(AnyValue {
            value: Some(any_value::Value::StringValue(text)),
        }) => text.clone(),
        other => format!("{other:?}"),
    };
    format!("{}={value}", pair.key)
}

/// What was added to a resource with these attributes.
pub(crate) fn added(settings: &Json, given: &[(&str, &str)], peer: Option<&str>) -> Vec<String> {
    let chain = chain(vec![spec(settings)], settings);
    let batch = batch(given);
    let once = run(&chain, &batch, peer);
    // From memory this time, and of its own output nothing is left to add.
    assert_eq!(run(&chain, &batch, peer), once);
    assert_eq!(run(&chain, &once, peer), once);
    let mut attributes = resource(&once);
    assert_eq!(attributes[..given.len()], resource(&batch));
    attributes.split_off(given.len())
}
