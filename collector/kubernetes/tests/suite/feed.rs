//! What becomes of changes: deletions, successors, and everything coming twice.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value as Json, json};
use tamis_kubernetes::{Feed, Pods};

use super::{ask, found, settings};

const GRACE: Duration = Duration::from_secs(121);

/// A pod as the API server would tell of it.
pub(super) fn pod(name: &str, uid: &str, ip: &str) -> Pod {
    serde_json::from_value(pod_json(name, uid, ip)).unwrap()
}

/// The same as JSON.
pub(super) fn pod_json(name: &str, uid: &str, ip: &str) -> Json {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "agents", "uid": uid, "creationTimestamp": "2026-11-22T10:00:00Z"},
        "spec": {"nodeName": "node-1", "containers": [{"name": "agent", "image": "codex:1"}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "startTime": "2026-11-22T10:00:01Z"},
    })
}

fn by_name(table: &Pods, name: &str) -> String {
    found(table, json!([[["name", name], ["namespace", "agents"]]]))
}

#[test]
fn a_statefulset_pod_of_the_same_name_keeps_its_data() {
    let mut feed = Feed::new(&settings(&json!({})));
    let table = feed.table();
    let (first, second) = (
        pod("db-0", "one", "10.0.0.1"),
        pod("db-0", "two", "10.0.0.2"),
    );
    feed.pod(&first);
    // In either order: the successor may be seen before the predecessor's end is.
    feed.pod(&second);
    feed.pod_deleted(&first);
    assert_eq!(by_name(&table, "db-0"), "two");
    feed.expire(Instant::now() + GRACE);
    assert_eq!(by_name(&table, "db-0"), "two");
    assert_eq!(found(&table, json!([[["ip", "10.0.0.2"]]])), "two");
    assert_eq!(found(&table, json!([[["uid", "one"]]])), "");
}

#[test]
fn a_deleted_pod_is_known_for_a_while() {
    let mut feed = Feed::new(&settings(&json!({})));
    let table = feed.table();
    let gone = pod("a", "one", "10.0.0.1");
    feed.pod(&gone);
    let mut question = json!({"pod": [[["uid", "one"]]]});
    question["stamp"] = ask(&table, &question)["stamp"].clone();
    feed.pod_deleted(&gone);
    assert_eq!(ask(&table, &question)["same"], json!(true));
    feed.expire(Instant::now());
    assert_eq!(found(&table, json!([[["ip", "10.0.0.1"]]])), "one");
    // Its address goes to another: the living comes first.
    feed.pod(&pod("b", "two", "10.0.0.1"));
    assert_eq!(found(&table, json!([[["ip", "10.0.0.1"]]])), "two");
    assert_eq!(found(&table, json!([[["uid", "one"]]])), "one");
    feed.expire(Instant::now() + GRACE);
    assert_eq!(found(&table, json!([[["uid", "one"]]])), "");
    assert_eq!(table.counters().pods, 1);
}

#[test]
fn a_pod_that_is_back_is_not_forgotten() {
    let mut feed = Feed::new(&settings(&json!({})));
    let table = feed.table();
    let back = pod("a", "one", "10.0.0.1");
    feed.pod(&back);
    feed.pod_deleted(&back);
    feed.pod(&back);
    feed.expire(Instant::now() + GRACE);
    assert_eq!(by_name(&table, "a"), "one");
}

#[test]
fn an_address_that_a_pod_no_longer_has_finds_it_no_longer() {
    let mut feed = Feed::new(&settings(&json!({})));
    let table = feed.table();
    feed.pod(&pod("a", "one", "10.0.0.1"));
    feed.pod(&pod("a", "one", "10.0.0.7"));
    assert_eq!(found(&table, json!([[["ip", "10.0.0.1"]]])), "");
    assert_eq!(found(&table, json!([[["ip", "10.0.0.7"]]])), "one");
}

#[test]
fn what_is_held_is_seen_at_once() {
    let mut feed = Feed::new(&settings(&json!({})));
    let table = feed.table();
    feed.hold();
    feed.pod(&pod("a", "one", "10.0.0.1"));
    assert_eq!(table.counters().pods, 0);
    feed.release();
    assert_eq!(table.counters().pods, 1);
}

#[test]
fn nothing_is_kept_that_was_not_asked_for() {
    let mut secretive = pod("a", "one", "10.0.0.1");
    let huge = "x".repeat(5_000);
    let map = [
        ("asked", "yes"),
        ("kept/secret", "hunter2"),
        ("other", "hunter3"),
        ("huge", &huge),
    ];
    let map = map.map(|(key, value)| (key.to_owned(), value.to_owned()));
    secretive.metadata.annotations = Some(map.clone().into());
    secretive.metadata.labels = Some(map.into());
    let asked = json!({"extract": {
        "annotations": [{"key": "asked"}, {"key": "huge"}],
        "labels": [{"key_regex": "kept/.*"}, {"key_regex": "othe"}],
    }});
    let mut feed = Feed::new(&settings(&asked));
    feed.pod(&secretive);
    let answer = ask(&feed.table(), &json!({"pod": [[["uid", "one"]]]}));
    assert_eq!(answer["pod"]["annotations"], json!({"asked": "yes"}));
    assert_eq!(answer["pod"]["labels"], json!({"kept/secret": "hunter2"}));
    assert!(!format!("{:?}", feed.table()).contains("hunter"));
}

#[test]
fn a_pod_with_endless_annotations_takes_no_more_than_the_limit() {
    let mut hostile = pod("a", "one", "10.0.0.1");
    let entry = |number: u32| (format!("key-{number:06}"), "x".repeat(1_000));
    hostile.metadata.annotations = Some((0..1_000).map(entry).collect());
    let asked = json!({"extract": {"annotations": [{"key_regex": ".*"}]}});
    let mut feed = Feed::new(&settings(&asked));
    feed.pod(&hostile);
    let answer = ask(&feed.table(), &json!({"pod": [[["uid", "one"]]]}));
    let kept = answer["pod"]["annotations"].as_object().unwrap().len();
    assert!((20..40).contains(&kept), "{kept}");
}
