//! Several pipelines and exporters: a batch is in all queues or in none, and a stalled backend costs
//! the others nothing.

use bytes::Bytes;
use tamis::Signal;

use crate::process::{Daemon, QUIET};
use crate::send::{get, post, total};
use crate::sink::Sink;

/// A batch of one log record with this body.
pub(crate) fn log(body: &str) -> Bytes {
    let field = |number: u8, bytes: &[u8]| {
        assert!(bytes.len() < 128);
        let mut field = vec![number << 3 | 2, bytes.len() as u8];
        field.extend_from_slice(bytes);
        field
    };
    let value = field(5, &field(1, body.as_bytes()));
    field(1, &field(2, &field(2, &value))).into()
}

/// Two pipelines for logs, each to a backend of its own.
fn two(first: &Sink, second: &Sink, more: &str) -> String {
    let exporters = first.http("otlp_http/first", ", compression: none")
        + &second.http("otlp_http/second", &format!(", compression: none{more}"));
    format!(
        "receivers: {{otlp: {{protocols: {{http: {{endpoint: \"127.0.0.1:0\"}}}}}}}}
processors: {{scrub: {{}}, scrub/report: {{mode: report}}}}
exporters:
{exporters}
service:
  pipelines:
    logs/first: {{receivers: [otlp], processors: [scrub], exporters: [otlp_http/first]}}
    logs/second: {{receivers: [otlp], processors: [scrub/report], exporters: [otlp_http/second]}}{QUIET}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pipeline_gets_the_batch_as_it_came() {
    let (first, second) = (Sink::start().await, Sink::start().await);
    let daemon = Daemon::start(&two(&first, &second, ""));
    let batch = log("key AKIAIOSFODNN7EXAMPLE");
    assert_eq!(post(daemon.http(), Signal::Logs, batch.clone()).await, 200);
    let scrubbed = first.wait_for(1).await;
    assert!(scrubbed[0].1 != batch);
    // The second one only reports: what the first one did must not be seen there.
    assert_eq!(second.wait_for(1).await[0].1, batch);
    assert_eq!(daemon.stop().code, Some(0));
}

/// Room for one batch, and one on its way to the backend at a time.
const NARROW: &str = "sending_queue: {num_consumers: 1, sizer: items, queue_size: 1}";

#[tokio::test(flavor = "multi_thread")]
async fn refused_by_one_it_is_in_none() {
    let (first, second) = (Sink::start().await, Sink::start().await);
    let more = format!(", {NARROW}, on_full: refuse, on_full_wait: 20ms");
    let daemon = Daemon::start(&two(&first, &second, &more));
    second.stall();
    let (taken, refused) = (log("taken"), log("refused"));
    let send = |batch: &Bytes| post(daemon.http(), Signal::Logs, batch.clone());
    assert_eq!(send(&taken).await, 200);
    first.wait_for(1).await;
    for _ in 0..3 {
        assert_eq!(send(&refused).await, 503);
    }
    second.go_on();
    second.wait_for(1).await;
    while send(&refused).await != 200 {}
    let mut both = vec![(Signal::Logs, taken), (Signal::Logs, refused)];
    both.sort();
    for sink in [first, second] {
        let mut recorded = sink.wait_for(2).await;
        recorded.sort();
        assert_eq!(recorded, both);
    }
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    let refused = total(&page, "tamis_pipeline_refused_items_total", &["queue_full"]);
    assert!(refused >= 6.0, "{refused}");
    assert_eq!(daemon.stop().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_backend_that_may_lose_costs_the_others_nothing() {
    const BATCHES: usize = 50;
    let (first, second) = (Sink::start().await, Sink::start().await);
    let more = format!(", {NARROW}, on_full: drop");
    let daemon = Daemon::start(&two(&first, &second, &more));
    second.stall();
    for number in 0..BATCHES {
        let batch = log(&format!("batch {number}"));
        assert_eq!(post(daemon.http(), Signal::Logs, batch).await, 200);
    }
    assert_eq!(first.wait_for(BATCHES).await.len(), BATCHES);
    let (_, page) = get(daemon.metrics(), "/metrics").await;
    let second_is = ["otlp_http/second"];
    let dropped = total(&page, "tamis_exporter_dropped_items_total", &second_is);
    second.go_on();
    assert_eq!(daemon.stop().code, Some(0));
    let sent = second.recorded().len();
    assert!(dropped > 0.0 && sent > 0);
    assert_eq!(dropped as usize + sent, BATCHES);
    assert_eq!(
        total(&page, "tamis_receiver_accepted_items_total", &[]) as usize,
        BATCHES
    );
}
