//! Closing, and senders that go away.

use std::time::Duration;

use otlp_wire::Signal;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::harness::{Client, LONG, Lines, framed, sample, service, soon, start};
use crate::raw::{
    JSON, PREFACE, PROTOBUF, ended, exchange, exchange_over, frame, grpc_headers, post,
};

#[tokio::test]
async fn closing_lets_requests_finish() {
    let running = start().await;
    let release = running.recorder.hold();
    let (http, grpc) = (running.http, running.grpc);
    let over_http = tokio::spawn(async move {
        exchange(http, &post("/v1/logs", &[PROTOBUF], &sample(Signal::Logs))).await
    });
    soon(running.recorder.came.notified()).await;
    let client = Client::connect(grpc).await;
    let over_grpc = tokio::spawn(async move {
        let body = framed(0, &sample(Signal::Logs));
        client.call(service(Signal::Logs), &[], body).await
    });
    soon(running.recorder.came.notified()).await;
    let idle = TcpStream::connect(http).await.unwrap();
    let closed = tokio::spawn(running.receiver.close(Instant::now() + LONG));
    // An idle connection ends first; a new one finds nobody.
    ended(idle).await;
    let refused = async { while TcpStream::connect(http).await.is_ok() {} };
    soon(refused).await;
    assert!(!closed.is_finished());
    let released = async {
        while running.recorder.count() < 2 {
            release.notify_one();
            tokio::task::yield_now().await;
        }
    };
    soon(released).await;
    assert_eq!(soon(over_http).await.unwrap().status, 200);
    assert_eq!(soon(over_grpc).await.unwrap().code, Some(0));
    soon(closed).await.unwrap();
}

#[tokio::test]
async fn closing_cuts_what_does_not_finish() {
    let running = start().await;
    running.recorder.hold();
    let client = Client::connect(running.grpc).await;
    let stuck = tokio::spawn(async move {
        let body = framed(0, &sample(Signal::Logs));
        client.try_call(service(Signal::Logs), &[], body).await
    });
    soon(running.recorder.came.notified()).await;
    soon(
        running
            .receiver
            .close(Instant::now() + Duration::from_millis(50)),
    )
    .await;
    soon(running.recorder.drops.notified()).await;
    assert!(soon(stuck).await.unwrap().is_err());
    assert_eq!(running.recorder.count(), 0);
}

/// A call that is taken back while it is in work is dropped, counted, and leaves nothing.
#[tokio::test]
async fn a_sender_that_takes_its_call_back() {
    let running = start().await;
    let release = running.recorder.hold();
    let mut stream = TcpStream::connect(running.grpc).await.unwrap();
    let head = frame(1, 4, 1, &grpc_headers(service(Signal::Logs)));
    let data = frame(0, 1, 1, &framed(0, &sample(Signal::Logs)));
    let first = [PREFACE, &frame(4, 0, 0, b""), &head, &data].concat();
    stream.write_all(&first).await.unwrap();
    soon(running.recorder.came.notified()).await;
    stream
        .write_all(&frame(3, 0, 1, &[0, 0, 0, 8]))
        .await
        .unwrap();
    soon(running.recorder.drops.notified()).await;
    assert_eq!(running.recorder.count(), 0);
    let labels = r#"{receiver="otlp",transport="grpc",reason="gone"}"#;
    let gone = format!("tamis_receiver_refused_requests_total{labels}");
    assert_eq!(running.metric(&gone), Some(1));
    let labels = r#"{receiver="otlp",transport="grpc"}"#;
    let in_work = format!("tamis_receiver_requests_in_flight{labels}");
    assert_eq!(running.metric(&in_work), Some(0));
    *running.recorder.hold.lock().unwrap() = None;
    release.notify_one();
    let client = Client::connect(running.grpc).await;
    client.accepted(Signal::Logs, &sample(Signal::Logs)).await;
}

/// A body that breaks off in the middle reaches nobody.
#[tokio::test]
async fn a_sender_that_goes_away_in_the_middle() {
    let running = start().await;
    let whole = post("/v1/logs", &[PROTOBUF], &sample(Signal::Logs));
    for cut in [whole.len() - 1, whole.len() - 5] {
        let mut stream = TcpStream::connect(running.http).await.unwrap();
        stream.write_all(&whole[..cut]).await.unwrap();
        stream.set_zero_linger().unwrap();
        drop(stream);
    }
    let good = exchange(running.http, &post("/v1/logs", &[JSON], b"{}")).await;
    assert_eq!(good.status, 200);
    assert_eq!(running.recorder.count(), 1);
}

const FEW_FILES: &str = "TAMIS_TEST_FEW_FILES";

/// Without file descriptors no connection can be taken; with them, the next one is. In a process
/// of its own, since the limit is that of a process.
#[tokio::test]
async fn file_descriptors_run_out() {
    if std::env::var_os(FEW_FILES).is_none() {
        let shell = "ulimit -n 64; exec \"$0\" --exact life::file_descriptors_run_out --nocapture";
        let mut child = tokio::process::Command::new("sh");
        child
            .args(["-c", shell])
            .arg(std::env::current_exe().unwrap())
            .env(FEW_FILES, "1");
        let done = soon(child.output()).await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let (lines, _guard) = Lines::collect();
    let running = start().await;
    let open = || std::fs::File::open("/dev/null");
    let mut files: Vec<_> = std::iter::from_fn(|| open().ok()).collect();
    assert!(files.len() > 10);
    drop(files.pop());
    let waiting = TcpStream::connect(running.http).await.unwrap();
    lines
        .wait_for("no connection can be taken at the moment")
        .await;
    drop(files);
    let request = post("/v1/logs", &[JSON], b"{}");
    assert_eq!(exchange_over(waiting, &request).await.status, 200);
    assert_eq!(exchange(running.http, &request).await.status, 200);
}
