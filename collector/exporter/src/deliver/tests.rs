//! Retries, parts and the stop, against a sink that answers by a script, on a clock that waits for
//! nobody.

use std::sync::Mutex;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use otlp_wire::count;
use prost::Message;

use super::*;
use crate::exporter::{Exporter, Left};
use crate::metrics::Metrics;
use crate::settings::{ExporterKind, ExporterSettings, OtlpSettings, OtlpTransport};

/// What is answered to the n-th attempt, given its records.
type Script = fn(usize, u64) -> Outcome;

struct Scripted {
    script: Script,
    part_bytes_max: usize,
    /// When each attempt came, and its records.
    seen: Arc<Mutex<Vec<(Instant, u64)>>>,
}

impl Sink for Scripted {
    fn part_bytes_max(&self) -> usize {
        self.part_bytes_max
    }

    async fn encode(&self, _: Signal, batch: Bytes) -> Result<Bytes, Why> {
        Ok(batch)
    }

    async fn attempt(&self, signal: Signal, body: Bytes) -> Outcome {
        let items = count(signal, &body);
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push((Instant::now(), items));
            seen.len() - 1
        };
        tokio::task::yield_now().await;
        (self.script)(number, items)
    }

    fn hint(&self, _: Signal, _: Why) -> Option<String> {
        None
    }

    async fn finish(&self) {}
}

/// An exporter to a scripted sink, and what it has seen and counted.
struct Bench {
    exporter: Exporter,
    metrics: Metrics,
    seen: Arc<Mutex<Vec<(Instant, u64)>>>,
    begin: Instant,
}

fn bench(part_bytes_max: usize, script: Script) -> Bench {
    bench_with(part_bytes_max, script, |_| ())
}

fn bench_with(
    part_bytes_max: usize,
    script: Script,
    change: impl FnOnce(&mut ExporterSettings),
) -> Bench {
    let otlp = OtlpSettings::to(OtlpTransport::Grpc, "127.0.0.1:1");
    let mut settings = ExporterSettings::new("otlp", ExporterKind::Otlp(Box::new(otlp)));
    settings.retry.randomization_factor = 0.0;
    settings.queue.consumers = 1;
    change(&mut settings);
    let metrics = Metrics::default();
    let seen = Arc::default();
    let sink = Scripted {
        script,
        part_bytes_max,
        seen: Arc::clone(&seen),
    };
    Bench {
        exporter: Exporter::run(&settings, &metrics, sink),
        metrics,
        seen,
        begin: Instant::now(),
    }
}

fn logs(records: u64) -> Payload {
    let record = |number| LogRecord {
        time_unix_nano: number,
        severity_text: "x".repeat(80),
        ..LogRecord::default()
    };
    let scope = ScopeLogs {
        log_records: (1..=records).map(record).collect(),
        ..ScopeLogs::default()
    };
    let resource = ResourceLogs {
        scope_logs: vec![scope],
        ..ResourceLogs::default()
    };
    let batch = ExportLogsServiceRequest {
        resource_logs: vec![resource],
    };
    Payload {
        signal: Signal::Logs,
        bytes: batch.encode_to_vec().into(),
        items: records,
    }
}

impl Bench {
    async fn put(&self, batch: Payload) {
        let room = self
            .exporter
            .reserve(batch.signal, batch.items, batch.bytes.len());
        room.await.unwrap().put(batch);
    }

    /// Stops after all attempts that the script allows, and lists `sent` and `failed`.
    async fn done(self) -> (Vec<(f64, u64)>, u64, Vec<(String, u64)>) {
        self.end(3600).await.0
    }

    async fn end(self, seconds: u64) -> ((Vec<(f64, u64)>, u64, Vec<(String, u64)>), Left) {
        let left = self
            .exporter
            .stop(Instant::now() + Duration::from_secs(seconds))
            .await;
        let seen = self.seen.lock().unwrap();
        let attempts = seen
            .iter()
            .map(|(at, items)| ((*at - self.begin).as_secs_f64().round(), *items))
            .collect();
        let (sent, failed) = self.metrics.totals();
        ((attempts, sent, failed), left)
    }

    /// Waits, on the clock of the test, until so many attempts were made.
    async fn attempts(&self, count: usize) {
        for _ in 0..10_000 {
            if self.seen.lock().unwrap().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let seen = self.seen.lock().unwrap().len();
        assert!(seen >= count, "{seen} of {count} attempts in 1000 seconds");
    }
}

const BUSY: Outcome = Outcome::Again {
    after: None,
    why: Why::Http(503),
};
const TAKEN: Outcome = Outcome::Accepted { rejected: None };

fn failed(why: Why, items: u64) -> Vec<(String, u64)> {
    vec![(why.label().into_owned(), items)]
}

#[tokio::test(start_paused = true)]
async fn a_busy_backend_is_tried_until_it_takes() {
    let bench = bench(
        usize::MAX,
        |number, _| if number < 3 { BUSY } else { TAKEN },
    );
    bench.put(logs(3)).await;
    bench.attempts(4).await;
    let (attempts, sent, failed) = bench.done().await;
    assert_eq!(attempts, [(0.0, 3), (5.0, 3), (13.0, 3), (24.0, 3)]);
    assert_eq!((sent, failed), (3, vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_the_backend_asks_for_is_waited() {
    let bench = bench(usize::MAX, |number, _| match number {
        0 => Outcome::Again {
            after: Some(Duration::from_secs(100)),
            why: Why::Http(429),
        },
        _ => TAKEN,
    });
    bench.put(logs(1)).await;
    bench.attempts(2).await;
    let (attempts, ..) = bench.done().await;
    assert!((100.0..=105.0).contains(&attempts[1].0), "{attempts:?}");
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_when_the_time_is_over() {
    let bench = bench(usize::MAX, |_, _| BUSY);
    bench.put(logs(2)).await;
    bench.attempts(14).await;
    let (attempts, sent, lost) = bench.done().await;
    assert_eq!(
        attempts.last().map(|(at, _)| *at),
        Some(300.0),
        "{attempts:?}"
    );
    assert_eq!((sent, lost), (0, failed(Why::Http(503), 2)));
}

#[tokio::test(start_paused = true)]
async fn without_retries_one_attempt_is_made() {
    let bench = bench_with(
        usize::MAX,
        |_, _| BUSY,
        |settings| settings.retry.enabled = false,
    );
    bench.put(logs(2)).await;
    let (attempts, _, lost) = bench.done().await;
    assert_eq!((attempts.len(), lost), (1, failed(Why::Http(503), 2)));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_counted() {
    let bench = bench(usize::MAX, |_, _| Outcome::Refused(Why::Http(400)));
    bench.put(logs(2)).await;
    bench.put(logs(3)).await;
    let (attempts, sent, lost) = bench.done().await;
    assert_eq!(
        (attempts.len(), sent, lost),
        (2, 0, failed(Why::Http(400), 5))
    );
}

#[tokio::test(start_paused = true)]
async fn records_that_the_backend_rejected_are_not_sent_again() {
    let bench = bench(usize::MAX, |_, _| Outcome::Accepted { rejected: Some(2) });
    bench.put(logs(5)).await;
    bench.put(logs(1)).await;
    let (attempts, sent, lost) = bench.done().await;
    assert_eq!(
        (attempts.len(), sent, lost),
        (2, 3, failed(Why::Rejected, 3))
    );
}

/// 16 records, of which the backend takes 4 at a time.
#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_halved() {
    let bench = bench(usize::MAX, |_, items| match items {
        0..=4 => TAKEN,
        _ => Outcome::TooLarge(Why::Http(413)),
    });
    bench.put(logs(16)).await;
    let (attempts, sent, lost) = bench.done().await;
    let sizes: Vec<_> = attempts.iter().map(|(_, items)| *items).collect();
    assert_eq!((sent, lost), (16, vec![]), "{sizes:?}");
    let taken: u64 = sizes.iter().filter(|items| **items <= 4).sum();
    assert_eq!(taken, 16, "{sizes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_too_large_alone_is_lost_alone() {
    let bench = bench(usize::MAX, |_, _| Outcome::TooLarge(Why::Http(413)));
    bench.put(logs(4)).await;
    let (attempts, sent, lost) = bench.done().await;
    assert_eq!((sent, lost), (0, failed(Why::Http(413), 4)));
    assert!(attempts.len() <= 8, "{attempts:?}");
}

/// Parts go in order, and a retry is of one part only.
#[tokio::test(start_paused = true)]
async fn a_retried_part_does_not_bring_back_the_others() {
    let bench = bench(1000, |number, _| if number == 2 { BUSY } else { TAKEN });
    bench.put(logs(40)).await;
    bench.attempts(5).await;
    let (attempts, sent, lost) = bench.done().await;
    assert_eq!((sent, lost), (40, vec![]));
    let all: u64 = attempts.iter().map(|(_, items)| items).sum();
    assert_eq!(all, 40 + attempts[2].1, "{attempts:?}");
    assert_eq!((attempts[2].1, attempts[3].0), (attempts[3].1, 5.0));
}

/// The wait before a retry ends when the stop begins; what is still refused is left and counted.
#[tokio::test(start_paused = true)]
async fn the_stop_cuts_waits_short() {
    let bench = bench(usize::MAX, |_, _| Outcome::Again {
        after: Some(Duration::from_secs(60)),
        why: Why::Connect,
    });
    bench.put(logs(3)).await;
    bench.put(logs(4)).await;
    bench.attempts(1).await;
    let begin = Instant::now();
    let ((attempts, sent, lost), left) = bench.end(10).await;
    assert_eq!(attempts.len(), 3, "{attempts:?}");
    assert_eq!(
        left,
        Left {
            batches: 2,
            items: 7
        }
    );
    assert_eq!((sent, lost), (0, failed(Why::Stopped, 7)));
    assert!(begin.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_stop_sends_what_is_queued() {
    let bench = bench(usize::MAX, |_, _| TAKEN);
    for _ in 0..50 {
        bench.put(logs(2)).await;
    }
    let ((attempts, sent, _), left) = bench.end(10).await;
    assert_eq!((attempts.len(), sent, left), (50, 100, Left::default()));
}

struct Stalled;

impl Sink for Stalled {
    fn part_bytes_max(&self) -> usize {
        usize::MAX
    }

    async fn encode(&self, _: Signal, batch: Bytes) -> Result<Bytes, Why> {
        Ok(batch)
    }

    async fn attempt(&self, _: Signal, _: Bytes) -> Outcome {
        pending().await
    }

    fn hint(&self, _: Signal, _: Why) -> Option<String> {
        None
    }

    async fn finish(&self) {}
}

#[tokio::test(start_paused = true)]
async fn a_stalled_sink_does_not_outlast_the_deadline() {
    let Bench { exporter, .. } = bench(usize::MAX, |_, _| TAKEN);
    drop(exporter);
    let otlp = OtlpSettings::to(OtlpTransport::Grpc, "127.0.0.1:1");
    let settings = ExporterSettings::new("otlp", ExporterKind::Otlp(Box::new(otlp)));
    let exporter = Exporter::run(&settings, &Metrics::default(), Stalled);
    for _ in 0..30 {
        let batch = logs(1);
        let room = exporter.reserve(batch.signal, 1, batch.bytes.len()).await;
        room.unwrap().put(batch);
    }
    let begin = Instant::now();
    let left = exporter.stop(begin + Duration::from_secs(5)).await;
    assert_eq!(
        left,
        Left {
            batches: 30,
            items: 30
        }
    );
    assert_eq!(begin.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_panic_loses_one_batch_and_is_counted() {
    let bench = bench(usize::MAX, |number, _| {
        assert!(number != 0, "as planned");
        TAKEN
    });
    bench.put(logs(2)).await;
    bench.put(logs(3)).await;
    let (_, sent, lost) = bench.done().await;
    assert_eq!((sent, lost), (3, failed(Why::Internal, 2)));
}
