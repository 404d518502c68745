//! Which pod a question finds: the rules that the documentation states, one by one.

use serde_json::{Value as Json, json};

use tamis_host::Table as _;

use super::{ask, cluster, found};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_rule_finds_what_it_should() {
    let table = cluster().table();
    let longer = "a".repeat(64);
    let cases: [(&str, Json, &str); 25] = [
        ("uid", json!([[["uid", "pod-1-uid"]]]), "pod-1-uid"),
        ("address", json!([[["ip", "10.244.0.3"]]]), "pod-1-uid"),
        (
            "IPv4 as IPv6",
            json!([[["ip", "::ffff:10.244.0.3"]]]),
            "pod-1-uid",
        ),
        (
            "IPv6 in another form",
            json!([[["ip", "fd00:0::0017"]]]),
            "v6-uid",
        ),
        (
            "IPv6 with a zone",
            json!([[["ip", "fd00::17%eth0"]]]),
            "v6-uid",
        ),
        ("no address", json!([[["ip", "localhost"]]]), ""),
        (
            "reused: who runs",
            json!([[["ip", "10.244.0.9"]]]),
            "new-uid",
        ),
        (
            "reused: the one that ended, by name",
            json!([[["ip", "10.244.0.9"], ["name", "old"]]]),
            "old-uid",
        ),
        (
            "hostNetwork: not by address",
            json!([[["ip", "10.1.0.1"]]]),
            "",
        ),
        (
            "hostNetwork: by uid",
            json!([[["uid", "host-uid"]]]),
            "host-uid",
        ),
        (
            "hostNetwork: by name, address right",
            json!([[["ip", "10.1.0.1"], ["name", "node-agent"]]]),
            "host-uid",
        ),
        (
            "hostNetwork: by name, address wrong",
            json!([[["ip", "10.1.0.2"], ["name", "node-agent"]]]),
            "",
        ),
        (
            "name in a namespace",
            json!([[["name", "db-0"], ["namespace", "other"]]]),
            "db-b-uid",
        ),
        ("name that two share", json!([[["name", "db-0"]]]), ""),
        ("name of one", json!([[["name", "new"]]]), "new-uid"),
        ("hostname", json!([[["hostname", "db-zero"]]]), "db-a-uid"),
        (
            "hostname that is the name",
            json!([[["hostname", "new"], ["node", "node-1"]]]),
            "new-uid",
        ),
        ("node alone finds nobody", json!([[["node", "node-1"]]]), ""),
        (
            "container",
            json!([[["container_id", "b".repeat(64)]]]),
            "pod-2-uid",
        ),
        (
            "container with its runtime",
            json!([[["container_id", format!("containerd://{}", "c".repeat(64))]]]),
            "pod-2-uid",
        ),
        (
            "container of several pods, by name",
            json!([[["container_id", longer], ["name", "old"]]]),
            "old-uid",
        ),
        (
            "first rule misses, second finds",
            json!([[["uid", "nobody"]], [["ip", "10.244.0.4"]]]),
            "pod-2-uid",
        ),
        (
            "conditions of two pods",
            json!([[["uid", "pod-1-uid"], ["ip", "10.244.0.4"]]]),
            "",
        ),
        (
            "a condition of a newer plugin",
            json!([[["uid", "pod-1-uid"], ["aura", "blue"]]]),
            "",
        ),
        (
            "one that asked to be left alone",
            json!([[["uid", "ignored-uid"]], [["ip", "10.244.0.50"]]]),
            "",
        ),
    ];
    for (name, rules, uid) in cases {
        assert_eq!(found(&table, rules), uid, "{name}");
    }
}

#[test]
fn an_answer_tells_the_owners_from_the_bottom_up() {
    let table = cluster().table();
    let owners = |uid: &str| {
        let answer = ask(&table, &json!({"pod": [[["uid", uid]]]}));
        let owners = answer["owners"].as_array().cloned().unwrap_or_default();
        let told = |owner: &Json| {
            let text = |key: &str| owner[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text("kind"), text("name"), text("uid"))
        };
        owners.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(
        owners("pod-1-uid"),
        [
            "ReplicaSet codex-6d4b75cb6d rs-uid",
            "Deployment codex deploy-uid"
        ]
    );
    assert_eq!(owners("db-a-uid"), ["StatefulSet db db-uid"]);
    assert_eq!(
        owners("night-uid"),
        ["Job nightly-29384756 job-uid", "CronJob nightly cron-uid"]
    );
    assert_eq!(owners("fill-uid"), ["Job backfill-2024 fill-job-uid"]);
    let early = owners("early-uid");
    assert_eq!(
        early,
        ["ReplicaSet early-77f9c unseen-rs-uid", "Deployment early "],
        "before the ReplicaSet is seen"
    );
    assert!(owners("v6-uid").is_empty());
}

#[test]
fn namespace_node_and_cluster_stand_beside_a_pod_or_alone() {
    let table = cluster().table();
    let answer = ask(&table, &json!({"pod": [[["uid", "pod-1-uid"]]]}));
    assert_eq!(answer["namespace"]["labels"]["team"], "platform");
    assert_eq!(answer["node"]["uid"], "node-1-uid");
    assert_eq!(answer["cluster_uid"], "cluster-uid");
    let alone = ask(
        &table,
        &json!({"pod": [], "namespace": "agents", "node": "node-1"}),
    );
    assert_eq!(alone["namespace"], answer["namespace"]);
    assert_eq!(alone["node"], answer["node"]);
    assert_eq!(alone["pod"], Json::Null);
}

#[test]
fn a_stamp_that_holds_is_all_that_is_answered() {
    let mut feed = cluster();
    let table = feed.table();
    let mut question = json!({"pod": [[["uid", "pod-1-uid"]]]});
    let first = ask(&table, &question);
    question["stamp"] = first["stamp"].clone();
    let same = json!({"same": true, "since": first["since"]});
    assert_eq!(ask(&table, &question), same);
    let mut namespace = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
        name: Some("agents".to_owned()),
        uid: Some("agents-uid".to_owned()),
        ..Default::default()
    };
    feed.object(tamis_kubernetes::Kind::Namespace, &namespace);
    let changed = ask(&table, &question);
    assert_eq!(changed["namespace"]["labels"], Json::Null);
    question["stamp"] = changed["stamp"].clone();
    namespace.labels = Some([("a".to_owned(), "b".to_owned())].into());
    feed.object_deleted(tamis_kubernetes::Kind::Namespace, &namespace);
    assert_eq!(ask(&table, &question)["namespace"], Json::Null);
}

#[test]
fn a_moment_that_holds_is_all_that_is_read() {
    let mut feed = cluster();
    let table = feed.table();
    let pod = json!([[["uid", "pod-1-uid"]]]);
    let first = ask(&table, &json!({"pod": pod}));
    let (since, stamp) = (first["since"].as_u64(), first["stamp"].as_u64());
    let question = |since: u64, stamp: u64, rest: &str| {
        table.get(&format!("{{\"since\":{since},\"stamp\":{stamp},{rest}"))
    };
    let (since, stamp) = (since.unwrap(), stamp.unwrap());
    let before = table.counters();
    assert_eq!(question(since, stamp, "").unwrap(), r#"{"same":true}"#);
    let after = table.counters();
    assert_eq!(after.questions, before.questions + 1);
    assert_eq!(after.found, before.found + 1);

    // Something else changed: the question is read, and the answer holds from that moment on.
    let namespace = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
        name: Some("elsewhere".to_owned()),
        uid: Some("elsewhere-uid".to_owned()),
        ..Default::default()
    };
    feed.object(tamis_kubernetes::Kind::Namespace, &namespace);
    assert!(question(since, stamp, "").is_err());
    let whole = format!("\"pod\":{pod}}}");
    let again: Json = serde_json::from_str(&question(since, stamp, &whole).unwrap()).unwrap();
    assert_eq!(again["same"], json!(true));
    assert!(again["since"].as_u64() > Some(since));
    let newest = again["since"].as_u64().unwrap();
    assert_eq!(question(newest, stamp, &whole).unwrap(), r#"{"same":true}"#);

    // What it speaks of has changed: the stamp does not hold at any moment.
    let agents = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
        name: Some("agents".to_owned()),
        ..namespace
    };
    feed.object(tamis_kubernetes::Kind::Namespace, &agents);
    let changed: Json = serde_json::from_str(&question(newest, stamp, &whole).unwrap()).unwrap();
    assert_ne!(changed["stamp"], json!(stamp));
    assert_eq!(changed["namespace"]["uid"], json!("elsewhere-uid"));
}

#[test]
fn a_hostile_question_is_an_error_without_its_words() {
    let table = cluster().table();
    let long = format!(r#"{{"pod": [[["uid", "{}"]]]}}"#, "x".repeat(70_000));
    let deep = "[".repeat(30_000);
    for question in [
        "",
        "hunter2",
        r#"{"pod": "hunter2"}"#,
        r#"{"pod": [[["uid"]]]}"#,
        r#"{"since":0,"stamp":hunter2,"pod":[]}"#,
        &long,
        &deep,
    ] {
        let error = table.get(question).unwrap_err();
        assert!(!error.contains("hunter2") && error.len() < 100, "{error}");
    }
    assert_eq!(ask(&table, &json!({}))["pod"], Json::Null);
    assert_eq!(found(&table, json!([[]])), "");
}
