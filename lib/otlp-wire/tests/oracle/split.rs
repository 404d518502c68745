//! Parts of a batch against the whole, as `prost` decodes both.
//!
//! Every leaf (a record, or what stands where records could) is listed with all its context. The
//! list of the parts must be that of the whole.

use std::fmt::Debug;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use opentelemetry_proto::tonic::resource::v1::Resource;
use otlp_wire::{Signal, check, count, split};
use proptest::prelude::*;
use prost::Message;

use crate::edits::{choices, config, signals};
use crate::generate::Choices;
use crate::model::Batch;
use crate::scramble::{Oddity, Scrambler};

/// Takes the records out of a list, each as text; an empty list gives one empty text.
fn take(records: &mut Vec<impl Debug>) -> Vec<String> {
    let shown: Vec<_> = records.iter().map(|record| format!("{record:?}")).collect();
    records.clear();
    if shown.is_empty() {
        vec![String::new()]
    } else {
        shown
    }
}

fn points(metric: &mut Metric) -> Vec<String> {
    match &mut metric.data {
        Some(Data::Gauge(data)) => take(&mut data.data_points),
        Some(Data::Sum(data)) => take(&mut data.data_points),
        Some(Data::Histogram(data)) => take(&mut data.data_points),
        Some(Data::ExponentialHistogram(data)) => take(&mut data.data_points),
        Some(Data::Summary(data)) => take(&mut data.data_points),
        None => vec![String::new()],
    }
}

/// Lists leaves with their context: `$list` of resources, `$inner` of scopes, `$leaf` of the rest.
macro_rules! leaves {
    ($batch:expr, $list:ident, $inner:ident, $scope:ident => $leaves:expr) => {{
        let mut all = Vec::new();
        for mut resource in $batch.$list {
            let scopes = std::mem::take(&mut resource.$inner);
            if scopes.is_empty() {
                all.push(format!("{resource:?}"));
            }
            for mut $scope in scopes {
                let leaves: Vec<String> = $leaves;
                for leaf in leaves {
                    all.push(format!(
                        "{resource:?} {:?} {:?} {leaf}",
                        $scope.scope, $scope.schema_url
                    ));
                }
            }
        }
        all
    }};
}

fn leaves(batch: Batch) -> Vec<String> {
    match batch {
        Batch::Traces(batch) => {
            leaves!(batch, resource_spans, scope_spans, scope => take(&mut scope.spans))
        }
        Batch::Logs(batch) => {
            leaves!(batch, resource_logs, scope_logs, scope => take(&mut scope.log_records))
        }
        Batch::Metrics(batch) => {
            leaves!(batch, resource_metrics, scope_metrics, scope => {
                let metrics = std::mem::take(&mut scope.metrics);
                let shown = |mut metric: Metric| {
                    let points = points(&mut metric);
                    points.into_iter().map(move |point| format!("{metric:?} {point}"))
                };
                let shown: Vec<_> = metrics.into_iter().flat_map(shown).collect();
                if shown.is_empty() { vec![String::new()] } else { shown }
            })
        }
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn parts_are_the_whole_in_order(
        signal in signals(), choices in choices(), bytes_max in 0_usize..3000,
    ) {
        let batch = Batch::generate(signal, &mut Choices::new(&choices));
        let bytes = batch.encode();
        let pieces = split(signal, &bytes, bytes_max).unwrap();
        let mut listed = Vec::new();
        let mut records = 0;
        let total: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
        for piece in &pieces {
            check(signal, &piece.bytes).unwrap();
            listed.extend(leaves(Batch::decode(signal, &piece.bytes).unwrap()));
            prop_assert_eq!(count(signal, &piece.bytes), piece.records);
            records += piece.records;
            let context_doubles = total + piece.bytes.len() > 2 * bytes.len();
            prop_assert!(piece.bytes.len() <= bytes_max || piece.records <= 1 || context_doubles);
        }
        prop_assert_eq!(listed, leaves(batch));
        prop_assert_eq!(records, count(signal, &bytes));
    }

    /// Unknown fields, groups, duplicates, odd lengths: whatever passes the check can be cut, and
    /// the parts pass it too.
    #[test]
    fn odd_batches_keep_their_records(
        signal in signals(), choices in choices(), bytes_max in 0_usize..600,
    ) {
        let odd = Scrambler::write(signal, &mut Choices::new(&choices), Oddity::Padded, None);
        prop_assume!(check(signal, &odd.bytes).is_ok());
        let pieces = split(signal, &odd.bytes, bytes_max).unwrap();
        let records: u64 = pieces.iter().map(|piece| piece.records).sum();
        prop_assert_eq!(records, count(signal, &odd.bytes));
        for piece in &pieces {
            prop_assert_eq!(check(signal, &piece.bytes).err(), None);
        }
    }

    #[test]
    fn any_bytes_are_cut_or_refused(
        signal in signals(), bytes in prop::collection::vec(any::<u8>(), 0..200), max in 0_usize..100,
    ) {
        let _ = split(signal, &bytes, max);
    }
}

fn logs(resource_bytes: usize, records: usize) -> Vec<u8> {
    let text = |len: usize| AnyValue {
        value: Some(any_value::Value::StringValue("x".repeat(len))),
    };
    let attribute = KeyValue {
        key: "k".into(),
        value: Some(text(resource_bytes)),
        ..KeyValue::default()
    };
    let scope = ScopeLogs {
        log_records: (0..records as u64)
            .map(|number| LogRecord {
                time_unix_nano: number,
                body: Some(text(100)),
                ..LogRecord::default()
            })
            .collect(),
        ..ScopeLogs::default()
    };
    let resource_logs = vec![ResourceLogs {
        resource: Some(Resource {
            attributes: vec![attribute],
            ..Resource::default()
        }),
        scope_logs: vec![scope],
        schema_url: "https://example.org/1".into(),
    }];
    ExportLogsServiceRequest { resource_logs }.encode_to_vec()
}

#[test]
fn parts_are_filled() {
    let batch = logs(100, 1000);
    let pieces = split(Signal::Logs, &batch, 10_000).unwrap();
    let (last, full) = pieces.split_last().unwrap();
    assert!(
        full.iter()
            .all(|piece| (9_800..=10_000).contains(&piece.bytes.len()))
    );
    assert!(last.bytes.len() <= 10_000);
    assert!(pieces.len() <= batch.len() / 9_700 + 1, "{pieces:?}");
}

#[test]
fn a_huge_resource_does_not_multiply_the_batch() {
    let batch = logs(50_000, 1000);
    let pieces = split(Signal::Logs, &batch, 51_000).unwrap();
    let total: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
    assert!(total <= 2 * batch.len() + 100, "{total} of {}", batch.len());
    assert_eq!(pieces.iter().map(|piece| piece.records).sum::<u64>(), 1000);
    assert!(pieces.len() > 2, "{pieces:?}");
}

#[test]
fn what_fits_is_left_as_it_is() {
    let batch = logs(10, 3);
    let pieces = split(Signal::Logs, &batch, batch.len()).unwrap();
    assert_eq!(pieces.len(), 1);
    assert_eq!((&pieces[0].bytes, pieces[0].records), (&batch, 3));
}

/// A metric whose sum is hidden by a later gauge must not show its sum in a part of its own.
#[test]
fn a_hidden_alternative_stays_hidden() {
    let point = b"\x0a\x09\x19\x01\x02\x03\x04\x05\x06\x07\x08";
    let data = |number: u8| [&[number << 3 | 2, 22][..], point, point].concat();
    let metric = [data(7), data(5)].concat();
    let mut batch = vec![
        0x0a,
        metric.len() as u8 + 4,
        0x12,
        metric.len() as u8 + 2,
        0x12,
    ];
    batch.push(metric.len() as u8);
    batch.extend(&metric);
    check(Signal::Metrics, &batch).unwrap();
    let pieces = split(Signal::Metrics, &batch, 40).unwrap();
    assert_eq!(pieces.len(), 1, "{pieces:?}");
    assert_eq!(pieces[0].bytes, batch);
}
