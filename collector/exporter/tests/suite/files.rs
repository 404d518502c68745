//! The `file` exporter from its settings to its lines.

use otlp_wire::Signal;
use tamis_exporter::{ExporterKind, ExporterSettings, FileSettings};

use crate::bench::{Bench, empty, logs, times};

#[tokio::test]
async fn a_line_for_each_batch_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    let file = FileSettings {
        path: path.clone(),
        append: false,
        rotate_bytes: None,
        backups_max: 0,
    };
    let bench = Bench::start(ExporterSettings::new("otlp", ExporterKind::File(file)));
    let batches: Vec<_> = (1..30).map(|records| logs(records, 10)).collect();
    for batch in &batches {
        bench.put(batch.clone()).await.unwrap();
    }
    bench.put(empty(Signal::Traces)).await.unwrap();
    let done = bench.stop().await;
    assert_eq!(done.sent(), (1..30).sum::<u64>() + 1);
    let text = std::fs::read(&path).unwrap();
    let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 30);
    let back = lines.iter().take(29).map(|line| {
        let mut back = Vec::new();
        otlp_json::to_protobuf(Signal::Logs, line, &mut back).unwrap();
        back
    });
    let expected = batches.iter().map(|batch| batch.bytes.to_vec());
    assert_eq!(times(back), times(expected));
    assert_eq!(otlp_json::signal_of(lines[29]), Some(Signal::Traces));
}
