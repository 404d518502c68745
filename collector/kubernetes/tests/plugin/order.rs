//! Labels and annotations hold secrets too: a scrubber sees what was added, before it or behind it.

use serde_json::json;
use tamis_host::{ChainBuilder, Code, PluginSpec};
use tamis_kubernetes::{Feed, Settings, TABLE};

use crate::engine::{batch, resource, run, spec};

const KEY: &str = "AKIAIOSFODNN7REALKEY";

#[test]
fn a_secret_in_an_annotation_does_not_leave_in_either_order() {
    let settings = json!({"extract": {
        "metadata": ["k8s.pod.name"],
        "annotations": [{"key": "note"}],
        "labels": [{"key_regex": "(AKIA.*)", "tag_name": "$1"}],
    }});
    let mut feed = Feed::new(&Settings::from_json(&settings).unwrap());
    let pod = json!({
        "metadata": {
            "name": "a", "namespace": "b", "uid": "c",
            "annotations": {"note": format!("key {KEY}")}, "labels": {KEY: "x"},
        },
        "spec": {"containers": []}, "status": {"podIP": "10.0.0.1"},
    });
    feed.pod(&serde_json::from_value(pod).unwrap());
    let scrub = || PluginSpec::new("scrub", Code::Native(tamis_plugin_scrub::native()));
    let k8s = || spec(&settings);
    for (name, specs) in [
        ("before", vec![k8s(), scrub()]),
        ("behind", vec![scrub(), k8s()]),
    ] {
        let builder = ChainBuilder::new().table(TABLE, feed.table());
        let chain = specs.into_iter().fold(builder, ChainBuilder::plugin);
        let chain = chain.build().unwrap();
        let given = batch(&[("service.name", "codex")]);
        let shown = resource(&run(&chain, &given, Some("10.0.0.1"))).join("\n");
        assert!(!shown.contains(KEY), "{name}: {shown}");
        assert!(shown.contains("k8s.pod.name=a"), "{name}: {shown}");
        assert!(
            shown.contains("k8s.pod.annotations.note=key "),
            "{name}: {shown}"
        );
    }
}
