//! What of a pod becomes an attribute, by name and value.

use serde_json::{Value as Json, json};

use crate::engine::{added, batch, run, spec};

fn of(extract: Json, given: &[(&str, &str)]) -> Vec<String> {
    added(&json!({"extract": extract}), given, Some("10.244.0.3"))
}

#[test]
fn without_settings_it_is_what_the_collector_adds() {
    assert_eq!(
        added(&json!({}), &[], Some("10.244.0.3")),
        [
            "k8s.namespace.name=agents",
            "k8s.pod.name=codex-6d4b75cb6d-00001",
            "k8s.pod.uid=pod-1-uid",
            "k8s.pod.start_time=2026-11-22T10:00:00Z",
            "k8s.deployment.name=codex",
            "k8s.node.name=node-1",
            "container.image.name=registry.test:5000/codex",
            "container.image.tag=0.169.0",
        ]
    );
}

#[test]
fn every_name_has_its_value() {
    let all = [
        ("k8s.namespace.name", "agents"),
        ("k8s.pod.name", "codex-6d4b75cb6d-00001"),
        ("k8s.pod.uid", "pod-1-uid"),
        ("k8s.pod.ip", "10.244.0.3"),
        ("k8s.pod.start_time", "2026-11-22T10:00:00Z"),
        ("k8s.replicaset.name", "codex-6d4b75cb6d"),
        ("k8s.replicaset.uid", "rs-uid"),
        ("k8s.deployment.name", "codex"),
        ("k8s.deployment.uid", "deploy-uid"),
        ("k8s.node.name", "node-1"),
        ("k8s.node.uid", "node-1-uid"),
        ("k8s.cluster.uid", "cluster-uid"),
        ("k8s.container.name", "agent"),
        ("container.id", &"a".repeat(64)),
        ("container.image.name", "registry.test:5000/codex"),
        ("container.image.tag", "0.169.0"),
        ("container.image.tags", "0.169.0"),
        (
            "container.image.repo_digests",
            &format!("registry.test:5000/codex@sha256:{}", "ab".repeat(32)),
        ),
        ("service.namespace", "agents"),
        ("service.name", "codex"),
        ("service.version", "0.169.0"),
        ("service.instance.id", "agents.codex-6d4b75cb6d-00001.agent"),
    ];
    for (name, value) in all {
        assert_eq!(
            of(json!({"metadata": [name]}), &[]),
            [format!("{name}={value}")]
        );
    }
}

#[test]
fn owners_of_every_kind() {
    let metadata = json!({"metadata": [
        "k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.uid", "k8s.job.name", "k8s.cronjob.name", "k8s.cronjob.uid",
    ]});
    let of = |uid: &str| {
        let settings = json!({"extract": metadata});
        added(&settings, &[("k8s.pod.uid", uid)], None)
    };
    assert_eq!(of("db-a-uid"), ["k8s.statefulset.name=db"]);
    assert_eq!(of("host-uid"), ["k8s.daemonset.uid=ds-uid"]);
    let cron = [
        "k8s.job.name=nightly-29384756",
        "k8s.cronjob.name=nightly",
        "k8s.cronjob.uid=cron-uid",
    ];
    assert_eq!(of("night-uid"), cron);
    assert_eq!(
        of("fill-uid"),
        ["k8s.job.name=backfill-2024"],
        "digits alone make no CronJob"
    );
    assert_eq!(
        of("early-uid"),
        ["k8s.deployment.name=early"],
        "before its ReplicaSet is seen"
    );
}

#[test]
fn labels_and_annotations_by_key_and_by_pattern() {
    let extract = json!({
        "metadata": ["k8s.pod.name"],
        "otel_annotations": true,
        "labels": [
            {"tag_name": "app.label", "key": "app"},
            {"key": "app.kubernetes.io/version"},
            {"key": "nothing"},
            {"key_regex": "app.*io/(?P<what>.*)", "tag_name": "app.${what}"},
            {"key_regex": "ap"},
            {"key": "team", "from": "namespace"},
            {"key_regex": "topology.*", "from": "node"},
            {"key": "tier", "from": "deployment", "tag_name": "tier"},
        ],
        "annotations": [
            {"key": "redact/profile"},
            {"key": "cost-center", "from": "namespace"},
        ],
    });
    assert_eq!(
        of(extract, &[]),
        [
            "deployment.environment.name=ci",
            "k8s.pod.name=codex-6d4b75cb6d-00001",
            "app.label=codex",
            "k8s.pod.labels.app.kubernetes.io/version=0.169.0",
            "app.version=0.169.0",
            "k8s.namespace.labels.team=platform",
            "k8s.node.labels.topology.kubernetes.io/zone=eu-1a",
            "tier=batch",
            "k8s.pod.annotations.redact/profile=strict",
            "k8s.namespace.annotations.cost-center=42",
        ]
    );
}

#[test]
fn which_container_is_said_by_name_by_id_or_by_there_being_one() {
    let extract = json!({"metadata": ["container.image.name", "container.image.tag", "container.id", "service.version"]});
    let settings = json!({"extract": extract});
    let of = |given: &[(&str, &str)]| added(&settings, given, Some("10.244.0.4"));
    assert_eq!(
        of(&[]),
        ["service.version=0.169.0"],
        "of two containers nobody guesses one"
    );
    let proxy = of(&[("k8s.container.name", "proxy")]);
    let id = format!("container.id={}", "c".repeat(64));
    assert_eq!(
        proxy,
        [
            id.as_str(),
            "container.image.name=envoy",
            "service.version=0.169.0"
        ]
    );
    let agent = of(&[
        ("k8s.container.name", "agent"),
        ("k8s.container.restart_count", "2"),
    ]);
    assert_eq!(agent[0], format!("container.id={}", "b".repeat(64)));
    let other = of(&[
        ("k8s.container.name", "agent"),
        ("k8s.container.restart_count", "1"),
    ]);
    assert_eq!(
        other[0], "container.image.name=codex",
        "a run that is not known has no id"
    );
    let by_id = of(&[("container.id", &"c".repeat(64))]);
    assert_eq!(by_id[0], "container.image.name=envoy");
    assert_eq!(
        of(&[("k8s.container.name", "nobody")]),
        ["service.version=0.169.0"]
    );
}

#[test]
fn an_unknown_pod_still_has_the_namespace_and_node_that_it_names() {
    let extract = json!({
        "metadata": ["k8s.pod.name", "k8s.node.uid", "k8s.cluster.uid"],
        "labels": [{"key": "team", "from": "namespace"}, {"key": "app"}],
    });
    let given = [
        ("k8s.namespace.name", "agents"),
        ("k8s.node.name", "node-1"),
    ];
    let settings = json!({"extract": extract});
    assert_eq!(
        added(&settings, &given, Some("192.0.2.1")),
        [
            "k8s.node.uid=node-1-uid",
            "k8s.cluster.uid=cluster-uid",
            "k8s.namespace.labels.team=platform"
        ]
    );
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let given = [("k8s.pod.name", "mine"), ("k8s.namespace.name", "")];
    let added = added(
        &json!({"extract": {"metadata": ["k8s.pod.name", "k8s.namespace.name", "k8s.node.name"]}}),
        &given,
        Some("10.244.0.3"),
    );
    assert_eq!(added, ["k8s.node.name=node-1"]);
}

#[test]
fn what_changes_in_the_cluster_changes_what_is_added() {
    use tamis_kubernetes::{Feed, Settings, TABLE};
    let settings = json!({"extract": {"metadata": ["k8s.node.name"]}});
    let mut feed = Feed::new(&Settings::from_json(&settings).unwrap());
    let pod = |node: &str| {
        serde_json::from_value(json!({
            "metadata": {"name": "a", "namespace": "b", "uid": "c"},
            "spec": {"nodeName": node, "containers": []},
            "status": {"podIP": "10.0.0.1"},
        }))
        .unwrap()
    };
    let peer = Some("10.0.0.1");
    let builder = tamis_host::ChainBuilder::new().table(TABLE, feed.table());
    let chain = builder.plugin(spec(&settings)).build().unwrap();
    let node = || run(&chain, &batch(&[]), peer);
    for name in ["one", "two", "two", "three"] {
        feed.pod(&pod(name));
        let wanted = format!("k8s.node.name={name}");
        assert_eq!(crate::engine::resource(&node()), [wanted]);
    }
    feed.pod_deleted(&pod("three"));
    assert_eq!(
        crate::engine::resource(&node()),
        ["k8s.node.name=three"],
        "for a while"
    );
}
