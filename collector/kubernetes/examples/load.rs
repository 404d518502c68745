//! What a table of 10,000 pods costs: bytes a pod, and a look-up while 100 pods a second change.
//!
//! `cargo run --release -p tamis-kubernetes --example load [PODS] [CHANGES_PER_SECOND]`. Bytes are what
//! the allocator handed out, counted by one that counts; times are of single look-ups, with the clock's
//! own time in them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;
use tamis_host::Table as _;
use tamis_kubernetes::{Feed, Kind, Settings};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u32>().unwrap());
    let pods = arguments.next().unwrap_or(10_000);
    let changes = arguments.next().unwrap_or(100);
    let settings = json!({"extract": {
        "labels": [{"key_regex": "app.*"}, {"key": "team", "from": "namespace"}],
        "annotations": [{"key": "redact/profile"}],
    }});
    let settings = Settings::from_json(&settings).unwrap();
    let all: Vec<Pod> = (0..pods).map(|number| pod(number, 0)).collect();
    let mut feed = Feed::new(&settings);
    let filled = Instant::now();
    let memory = allocation_counter::measure(|| {
        owners(&mut feed, pods);
        for pod in &all {
            feed.pod(pod);
        }
    });
    let each = memory.bytes_current as f64 / f64::from(pods);
    println!(
        "{pods} pods in {:?}: {each:.0} bytes a pod",
        filled.elapsed()
    );

    let table = feed.table();
    let quiet = look_up(&table, pods, Duration::from_secs(2));
    println!("look-up, nothing changes:        {quiet}");
    let done = AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        scope.spawn(|| change(&mut feed, pods, changes, &done));
        let busy = look_up(&table, pods, Duration::from_secs(4));
        done.store(true, Ordering::Relaxed);
        busy
    });
    println!("look-up, {changes} changes a second: {busy}");
}

/// Changes pods at an even pace until told to stop.
fn change(feed: &mut Feed, pods: u32, per_second: u32, done: &AtomicBool) {
    let began = Instant::now();
    let (mut made, mut slowest) = (0_u32, Duration::ZERO);
    while !done.load(Ordering::Relaxed) {
        let due = Duration::from_secs(1) * made / per_second.max(1);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let changed = pod(made.wrapping_mul(7_919) % pods, made + 1);
        let at = Instant::now();
        feed.pod(&changed);
        slowest = slowest.max(at.elapsed());
        made += 1;
    }
    println!("{made} changes made, the slowest in {slowest:?}");
}

/// Single look-ups: the median, the rarest, and what they add up to.
fn look_up(table: &tamis_kubernetes::Pods, pods: u32, time: Duration) -> String {
    let questions: Vec<(String, String)> = (0..1_000_u32)
        .map(|number| {
            let ip = address(number.wrapping_mul(7_919) % pods);
            let question = |stamp: u64| {
                json!({"pod": [[["uid", "nobody"]], [["ip", ip.to_string()]]], "stamp": stamp})
                    .to_string()
            };
            let answer: serde_json::Value =
                serde_json::from_str(&table.get(&question(0)).unwrap()).unwrap();
            (question(0), question(answer["stamp"].as_u64().unwrap()))
        })
        .collect();
    let mut told = String::new();
    for known in [false, true] {
        let mut nanos = Vec::new();
        let began = Instant::now();
        while began.elapsed() < time / 2 {
            for (whole, same) in &questions {
                let question = if known { same } else { whole };
                let at = Instant::now();
                std::hint::black_box(table.get(question).unwrap());
                nanos.push(at.elapsed().as_nanos() as u64);
            }
        }
        nanos.sort_unstable();
        let at = |share: f64| nanos[((nanos.len() - 1) as f64 * share) as usize];
        let what = if known {
            "known before"
        } else {
            "whole answer"
        };
        told.push_str(&format!(
            "{what} {} ns (p99 {}, p99.99 {}); ",
            at(0.5),
            at(0.99),
            at(0.9999)
        ));
    }
    told
}

fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x0a00_0000 + number)
}

fn owners(feed: &mut Feed, pods: u32) {
    let meta = |name: String, uid: String| ObjectMeta {
        name: Some(name),
        uid: Some(uid),
        labels: Some([("team".to_owned(), "platform".to_owned())].into()),
        ..ObjectMeta::default()
    };
    for number in 0..pods.div_ceil(10) {
        feed.object(
            Kind::ReplicaSet,
            &meta(format!("service-{number}-6d4b75cb6d"), uid(9, number)),
        );
    }
    for number in 0..50 {
        feed.object(
            Kind::Namespace,
            &meta(format!("namespace-{number}"), uid(8, number)),
        );
    }
}

/// A UID of the usual length.
fn uid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// A pod as a deployment makes it, with two containers and what is usual in labels and annotations.
fn pod(number: u32, revision: u32) -> Pod {
    let service = number / 10;
    let name = format!("service-{service}-6d4b75cb6d-{number:05}");
    let label = |key: &str, value: String| (key.to_owned(), value);
    let id = |container: u32| {
        format!(
            "containerd://{:064x}",
            u64::from(number) * 10 + u64::from(container)
        )
    };
    let labels = [
        label("app", format!("service-{service}")),
        label("app.kubernetes.io/name", format!("service-{service}")),
        label("app.kubernetes.io/version", format!("1.{revision}.0")),
        label("app.kubernetes.io/managed-by", "Helm".to_owned()),
        label("pod-template-hash", "6d4b75cb6d".to_owned()),
    ];
    let ip = address(number).to_string();
    let pod = json!({
        "metadata": {
            "name": name, "namespace": format!("namespace-{}", number % 50), "uid": uid(1, number),
            "creationTimestamp": "2026-11-22T10:00:00Z",
            "labels": labels.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "annotations": {"redact/profile": "strict", "kubectl.kubernetes.io/restartedAt": "2026-11-22T10:00:00Z"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("service-{service}-6d4b75cb6d"), "uid": uid(9, service), "controller": true}],
        },
        "spec": {"nodeName": format!("node-{}", number % 100), "containers": [
            {"name": "main", "image": format!("registry.example.com/team/service-{service}:1.{revision}.0")},
            {"name": "proxy", "image": "registry.example.com/mesh/proxy:2.4.1"},
        ]},
        "status": {
            "phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "startTime": "2026-11-22T10:00:05Z",
            "containerStatuses": [
                {"name": "main", "image": "", "imageID": format!("registry.example.com/team/service@sha256:{:064x}", service), "containerID": id(0), "ready": true, "restartCount": 0},
                {"name": "proxy", "image": "", "imageID": format!("registry.example.com/mesh/proxy@sha256:{:064x}", 7), "containerID": id(1), "ready": true, "restartCount": 1},
            ],
        },
    });
    serde_json::from_value(pod).unwrap()
}
