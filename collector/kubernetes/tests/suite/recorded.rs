//! A stream that a real kube-apiserver sent, as `tests/k8s/record` recorded it.

use std::fs;

use serde_json::{Value as Json, json};

use super::api::{Api, PODS};
use super::watcher::until;
use super::{data, found};

#[tokio::test(start_paused = true)]
async fn a_recorded_stream_leads_to_what_was_there_at_its_end() {
    let text = fs::read_to_string(data("recorded.jsonl")).unwrap();
    let mut lines = text.lines();
    let listed: Json = serde_json::from_str(lines.next().unwrap()).unwrap();
    let api = Api::default();
    let before = listed["items"].as_array().unwrap().len();
    for mut pod in listed["items"].as_array().unwrap().clone() {
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        api.put(PODS, pod);
    }
    let watcher = api.watch(&json!({})).await;
    let table = watcher.table();
    assert!(watcher.ready().await);
    assert_eq!(table.counters().pods, before as u64);
    until("watched", || api.open(PODS) == 1).await;
    let mut version = String::new();
    for line in lines {
        let event: Json = serde_json::from_str(line).unwrap();
        version = event["object"]["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .to_owned();
        api.line(PODS, line);
    }
    let by = |rules: Json| found(&table, rules);
    until("all was read", || {
        !by(json!([[["ip", "10.244.5.2"]]])).is_empty()
    })
    .await;
    let heir = by(json!([[["name", "db-0"], ["namespace", "agents"]]]));
    assert_eq!(
        heir,
        by(json!([[["ip", "10.244.5.2"]]])),
        "the one that lives"
    );
    let gone = by(json!([[["ip", "10.244.5.1"]]]));
    assert!(
        !gone.is_empty() && gone != heir,
        "the one before is known for a while"
    );
    // The bookmark was the last word, so that is where the next watch begins.
    api.drop_watches();
    until("watched again", || api.open(PODS) == 1).await;
    assert_eq!(
        api.requests(&format!(
            "watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion={version}"
        )),
        1
    );
}
