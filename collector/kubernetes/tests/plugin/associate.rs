//! Which pod a resource is taken to come from.

use serde_json::{Value as Json, json};

use crate::engine::{added, batch, chain, resource, run, spec};

/// Attributes of a resource.
type Given<'a> = &'a [(&'a str, &'a str)];

fn uid_by(association: Option<Json>, given: &[(&str, &str)], peer: Option<&str>) -> String {
    let mut settings = json!({"extract": {"metadata": ["k8s.pod.uid"]}});
    if let Some(association) = association {
        settings["pod_association"] = association;
    }
    let added = added(&settings, given, peer);
    let uid = added
        .iter()
        .find_map(|pair| pair.strip_prefix("k8s.pod.uid="));
    uid.unwrap_or_default().to_owned()
}

#[test]
fn without_rules_uid_address_connection_and_host_count() {
    let peer = Some("10.244.0.3");
    let cases: [(Given<'_>, Option<&str>, &str); 12] = [
        (&[], peer, "pod-1-uid"),
        (&[], Some("::ffff:10.244.0.3"), "pod-1-uid"),
        (&[("k8s.pod.ip", "10.244.0.4")], peer, "pod-2-uid"),
        (&[("ip", "10.244.0.4")], peer, "pod-2-uid"),
        (&[("k8s.pod.ip", "192.0.2.1")], peer, "pod-1-uid"),
        (&[("host.name", "10.244.0.4")], None, "pod-2-uid"),
        (
            &[("host.name", "codex-6d4b75cb6d-00001")],
            Some("192.0.2.1"),
            "pod-1-uid",
        ),
        (&[("host.name", "db-0")], None, ""),
        (
            &[("host.name", "db-0"), ("k8s.namespace.name", "other")],
            None,
            "db-b-uid",
        ),
        (&[("host.name", "laptop")], Some("192.0.2.1"), ""),
        (&[], None, ""),
        (&[], Some("10.1.0.1"), ""),
    ];
    for (given, peer, uid) in cases {
        assert_eq!(uid_by(None, given, peer), uid, "{given:?} {peer:?}");
    }
    // An attribute that is there stays, whatever was found by it.
    assert_eq!(uid_by(None, &[("k8s.pod.uid", "pod-1-uid")], None), "");
}

#[test]
fn the_next_rule_is_tried_when_the_first_finds_no_pod() {
    let rules = json!([
        {"sources": [{"from": "resource_attribute", "name": "k8s.pod.name"}, {"from": "resource_attribute", "name": "k8s.namespace.name"}]},
        {"sources": [{"from": "resource_attribute", "name": "container.id"}]},
        {"from": "connection"},
    ]);
    let uid = |given: &[(&str, &str)]| uid_by(Some(rules.clone()), given, Some("10.244.0.9"));
    let id = format!("containerd://{}", "b".repeat(64));
    let named = [("k8s.pod.name", "db-0"), ("k8s.namespace.name", "other")];
    assert_eq!(uid(&named), "db-b-uid");
    assert_eq!(uid(&[("k8s.pod.name", "db-0")]), "new-uid");
    assert_eq!(
        uid(&[("k8s.pod.name", "gone"), ("k8s.namespace.name", "other")]),
        "new-uid"
    );
    assert_eq!(uid(&[("container.id", &id)]), "pod-2-uid");
    assert_eq!(uid(&[("container.id", "nobody")]), "new-uid");
}

#[test]
fn a_rule_by_what_finds_no_pod_is_passed_over_with_a_word() {
    let rules = json!([
        {"sources": [{"from": "resource_attribute", "name": "app.label"}]},
        {"sources": [{"from": "connection"}]},
    ]);
    assert_eq!(
        uid_by(
            Some(rules.clone()),
            &[("app.label", "codex")],
            Some("10.244.0.3")
        ),
        "pod-1-uid"
    );
    let settings = json!({"pod_association": rules});
    let chain = chain(vec![spec(&settings)], &settings);
    let warnings = &chain.plugins()[0].warnings;
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].starts_with("pod_association[0].sources[0].name: "),
        "{warnings:?}"
    );
}

#[test]
fn every_resource_of_a_batch_is_its_own() {
    let settings = json!({"extract": {"metadata": ["k8s.pod.name"]}});
    let chain = chain(vec![spec(&settings)], &settings);
    let mut all = batch(&[("k8s.pod.ip", "10.244.0.3")]);
    for given in [
        &[("k8s.pod.ip", "10.244.0.4")][..],
        &[],
        &[("k8s.pod.uid", "old-uid")],
    ] {
        all.resource_logs.extend(batch(given).resource_logs);
    }
    all.resource_logs[2].resource = None;
    let out = run(&chain, &all, Some("10.244.0.9"));
    let names = out.resource_logs.into_iter().map(|group| {
        let mut one = batch(&[]);
        one.resource_logs = vec![group];
        resource(&one).pop().unwrap()
    });
    let wanted = [
        "codex-6d4b75cb6d-00001",
        "codex-6d4b75cb6d-00002",
        "new",
        "old",
    ];
    let wanted = wanted.map(|name| format!("k8s.pod.name={name}"));
    assert_eq!(names.collect::<Vec<_>>(), wanted);
}

#[test]
fn excluded_pods_get_nothing() {
    let of = |settings: Json, ip: &str| added(&settings, &[("k8s.pod.ip", ip)], None).len();
    assert_eq!(
        of(json!({}), "10.244.0.51"),
        0,
        "jaeger-agent, if nothing else is said"
    );
    assert!(of(json!({"exclude": {"pods": []}}), "10.244.0.51") > 0);
    assert_eq!(
        of(
            json!({"exclude": {"pods": [{"name": "^codex-"}]}}),
            "10.244.0.3"
        ),
        0
    );
    assert_eq!(of(json!({}), "10.244.0.50"), 0, "the annotation");
}
