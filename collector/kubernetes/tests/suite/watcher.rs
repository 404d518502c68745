//! The watcher against a server that changes, forgets, refuses, and goes away. Time is tokio's, which
//! stands still while anything can go on, so no back-off takes any.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tamis_kubernetes::Watcher;

use super::api::{Api, PODS, REPLICA_SETS};
use super::feed::pod_json;
use super::{ask, found};

/// Waits, in tokio's time, until something holds.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..20_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never was so: {what}");
}

fn uid(watcher: &Watcher, name: &str) -> String {
    found(
        &watcher.table(),
        json!([[["name", name], ["namespace", "agents"]]]),
    )
}

fn owned(name: &str, uid: &str, ip: &str) -> Json {
    let mut pod = pod_json(name, uid, ip);
    pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "codex-77f9c", "uid": "rs", "controller": true}]);
    pod
}

fn replica_set() -> Json {
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "codex-77f9c", "namespace": "agents", "uid": "rs", "ownerReferences":
            [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "codex", "uid": "deploy", "controller": true}]},
    })
}

#[tokio::test(start_paused = true)]
async fn changes_arrive_and_owners_are_there_from_the_first() {
    let api = Api::default();
    api.put(PODS, owned("a", "one", "10.0.0.1"));
    api.put(REPLICA_SETS, replica_set());
    let watcher = api.watch(&json!({})).await;
    assert!(watcher.ready().await);
    let answer = ask(&watcher.table(), &json!({"pod": [[["ip", "10.0.0.1"]]]}));
    assert_eq!(answer["owners"][1]["uid"], "deploy");
    until("watched", || api.open(PODS) == 1).await;
    api.put(PODS, owned("b", "two", "10.0.0.2"));
    until("added", || uid(&watcher, "b") == "two").await;
    api.put(PODS, owned("b", "two", "10.0.0.9"));
    until("changed", || {
        found(&watcher.table(), json!([[["ip", "10.0.0.9"]]])) == "two"
    })
    .await;
    api.delete(PODS, "a");
    api.put(PODS, owned("a", "three", "10.0.0.3"));
    until("succeeded", || uid(&watcher, "a") == "three").await;
}

#[tokio::test(start_paused = true)]
async fn a_dropped_watch_is_resumed_and_nothing_is_listed_again() {
    let api = Api::default();
    api.put(PODS, pod_json("a", "one", "10.0.0.1"));
    let watcher = api.watch(&json!({})).await;
    watcher.ready().await;
    until("watched", || api.open(PODS) == 1).await;
    let listed = api.requests("/pods?&limit");
    assert!(listed > 0);
    api.drop_watches();
    until("watched again", || api.open(PODS) == 1).await;
    assert_eq!(api.requests("/pods?&limit"), listed);
    api.put(PODS, pod_json("b", "two", "10.0.0.2"));
    until("added", || uid(&watcher, "b") == "two").await;
    assert_eq!(uid(&watcher, "a"), "one");
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_while_the_server_forgot_is_made_up_for() {
    let api = Api::default();
    api.put(PODS, pod_json("a", "one", "10.0.0.1"));
    api.put(PODS, pod_json("b", "two", "10.0.0.2"));
    let watcher = api.watch(&json!({})).await;
    watcher.ready().await;
    until("watched", || api.open(PODS) == 1).await;
    api.lose(PODS, "a");
    api.forget(PODS);
    // Its address is another's now: that it is gone must be known.
    api.put(PODS, pod_json("c", "three", "10.0.0.1"));
    until("listed again", || {
        found(&watcher.table(), json!([[["ip", "10.0.0.1"]]])) == "three"
    })
    .await;
    assert_eq!(uid(&watcher, "b"), "two");
    assert!(watcher.is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_may_not_be_read_does_not_hold_up_the_rest() {
    let api = Api::default();
    api.refuse(REPLICA_SETS, Some(403));
    let mut pod = owned("a", "one", "10.0.0.1");
    pod["metadata"]["labels"] = json!({"pod-template-hash": "77f9c"});
    api.put(PODS, pod);
    let watcher = api.watch(&json!({})).await;
    assert!(watcher.ready().await);
    let question = json!({"pod": [[["ip", "10.0.0.1"]]]});
    let answer = ask(&watcher.table(), &question);
    assert_eq!(
        answer["owners"][1],
        json!({"kind": "Deployment", "name": "codex"}),
        "derived"
    );
    // The rule is granted later.
    api.put(REPLICA_SETS, replica_set());
    api.refuse(REPLICA_SETS, None);
    until("allowed", || {
        ask(&watcher.table(), &question)["owners"][1]["uid"] == "deploy"
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_read_again_and_until_then_what_is_known_stays() {
    let api = Api::default();
    api.put(PODS, pod_json("a", "one", "10.0.0.1"));
    let watcher = api.watch(&json!({})).await;
    watcher.ready().await;
    until("watched", || api.open(PODS) == 1).await;
    api.refuse(PODS, Some(401));
    let before = api.requests(PODS);
    api.drop_watches();
    until("refused several times", || api.requests(PODS) > before + 3).await;
    assert_eq!(uid(&watcher, "a"), "one");
    api.put(PODS, pod_json("b", "two", "10.0.0.2"));
    api.refuse(PODS, None);
    until("allowed again", || uid(&watcher, "b") == "two").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_down_at_the_start_is_waited_for() {
    let api = Api::default();
    api.refuse(PODS, Some(503));
    let watcher = api.watch(&json!({})).await;
    until("asked several times", || api.requests(PODS) > 3).await;
    assert!(!watcher.is_ready());
    assert_eq!(watcher.table().counters().pods, 0);
    api.put(PODS, pod_json("a", "one", "10.0.0.1"));
    api.refuse(PODS, None);
    assert!(watcher.ready().await);
    assert_eq!(uid(&watcher, "a"), "one");
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_none_do_not_end_the_watch() {
    let api = Api::default();
    api.put(PODS, pod_json("a", "one", "10.0.0.1"));
    let watcher = api.watch(&json!({})).await;
    watcher.ready().await;
    for line in [
        "hunter2",
        "{",
        r#"{"type": "ADDED", "object": {"kind": "Pod"}}"#,
        r#"{"type": "BURNED"}"#,
    ] {
        until("watched", || api.open(PODS) == 1).await;
        api.line(PODS, line);
    }
    until("watched", || api.open(PODS) == 1).await;
    api.put(PODS, pod_json("b", "two", "10.0.0.2"));
    until("added", || uid(&watcher, "b") == "two").await;
}

#[tokio::test(start_paused = true)]
async fn only_what_the_filter_says_is_asked_for() {
    let api = Api::default();
    let settings = json!({
        "extract": {"metadata": ["k8s.pod.name", "k8s.cluster.uid"]},
        "filter": {
            "node": "node-1", "namespace": ["a", "b"],
            "labels": [{"key": "app", "op": "exists"}, {"key": "tier", "value": "x", "op": "not-equals"}],
        },
    });
    let watcher = api.watch(&settings).await;
    watcher.ready().await;
    assert!(
        api.requests("/api/v1/namespaces/a/pods?") > 0
            && api.requests("/api/v1/namespaces/b/pods?") > 0
    );
    assert_eq!(api.requests("/api/v1/pods"), 0);
    assert_eq!(api.requests("replicasets"), 0);
    assert!(api.requests("/api/v1/namespaces?") > 0);
    assert!(api.requests("fieldSelector=spec.nodeName%3Dnode-1") > 0);
    assert!(api.requests("labelSelector=app%2Ctier%21%3Dx") > 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_one_namespace_does_not_end_the_pods_of_another() {
    let api = Api::default();
    let (a, b) = (
        "/api/v1/namespaces/agents/pods",
        "/api/v1/namespaces/other/pods",
    );
    api.put(a, pod_json("a", "one", "10.0.0.1"));
    let mut elsewhere = pod_json("b", "two", "10.0.0.2");
    elsewhere["metadata"]["namespace"] = json!("other");
    api.put(b, elsewhere);
    let settings = json!({"filter": {"namespace": ["agents", "other"]}, "extract": {"metadata": ["k8s.pod.name"]}});
    let watcher = api.watch(&settings).await;
    watcher.ready().await;
    until("watched", || api.open(a) == 1 && api.open(b) == 1).await;
    api.forget(a);
    let listed = api.requests("namespaces/agents/pods?&limit");
    until("listed again", || {
        api.requests("namespaces/agents/pods?&limit") > listed
    })
    .await;
    until("watched", || api.open(a) == 1).await;
    assert_eq!(
        found(&watcher.table(), json!([[["ip", "10.0.0.2"]]])),
        "two"
    );
    api.put(b, {
        let mut twin = pod_json("c", "three", "10.0.0.2");
        twin["metadata"]["namespace"] = json!("other");
        twin["status"]["startTime"] = json!("2020-01-01T00:00:00Z");
        twin
    });
    until("added", || {
        found(&watcher.table(), json!([[["uid", "three"]]])) == "three"
    })
    .await;
    assert_eq!(
        found(&watcher.table(), json!([[["ip", "10.0.0.2"]]])),
        "two",
        "alive, and started later"
    );
}
