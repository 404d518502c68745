//! Tables from files, and settings that cannot be used.

use std::path::Path;

use serde_json::{Value as Json, json};
use tamis_kubernetes::{Feed, Settings, SettingsError, Source};

use super::{data, found, settings};

fn from_cluster(json: &Json) -> Feed {
    Feed::from_file(&data("cluster.json"), &settings(json)).unwrap()
}

#[test]
fn a_filter_means_in_a_file_what_it_means_to_the_server() {
    let cases = [
        (json!({}), 12),
        (json!({"namespace": "other"}), 1),
        (json!({"namespace": ["other", "agents"]}), 12),
        (json!({"node": "node-2"}), 0),
        (json!({"labels": [{"key": "app", "value": "codex"}]}), 2),
        (json!({"labels": [{"key": "app", "op": "exists"}]}), 5),
        (
            json!({"labels": [{"key": "app", "op": "does-not-exist"}]}),
            7,
        ),
        (
            json!({"labels": [{"key": "app", "value": "codex", "op": "not-equals"}]}),
            10,
        ),
        (
            json!({"fields": [{"key": "status.phase", "value": "Running"}]}),
            11,
        ),
        (
            json!({"fields": [{"key": "spec.nodeName", "value": "node-1", "op": "not-equals"}]}),
            0,
        ),
    ];
    for (filter, pods) in cases {
        let feed = from_cluster(&json!({"filter": filter}));
        assert_eq!(feed.table().counters().pods, pods, "{filter}");
    }
}

#[test]
fn a_file_that_is_no_list_is_an_error_without_its_words() {
    let folder = std::env::temp_dir().join(format!("tamis-kubernetes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("pods.json");
    for text in [
        "",
        "hunter2",
        "[]",
        r#"{"items": [{"no": "kind"}]}"#,
        r#"{"items": [{"kind": "Pod", "metadata": "hunter2"}]}"#,
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Feed::from_file(&path, &settings(&json!({}))).unwrap_err();
        assert!(
            error.to_string().contains("kubectl") && !error.to_string().contains("hunter2"),
            "{error}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let missing = Feed::from_file(Path::new("no/such/file"), &settings(&json!({})));
    assert!(missing.unwrap_err().to_string().contains("no/such/file"));
    let field = json!({"filter": {"fields": [{"key": "spec.serviceAccountName", "value": "x"}]}});
    let error = Feed::from_file(&data("cluster.json"), &settings(&field)).unwrap_err();
    assert!(error.to_string().starts_with("filter.fields"), "{error}");
}

#[test]
fn kinds_that_nobody_asked_for_are_not_kept() {
    let feed = from_cluster(&json!({"extract": {"metadata": ["k8s.pod.name"]}}));
    let table = feed.table();
    let answer = super::ask(&table, &json!({"pod": [[["uid", "pod-1-uid"]]]}));
    assert_eq!(answer["namespace"], Json::Null);
    assert_eq!(answer["owners"][0]["name"], "codex-6d4b75cb6d");
    assert_eq!(
        answer["owners"][1],
        json!({"kind": "Deployment", "name": "codex"}),
        "derived"
    );
    assert_eq!(found(&table, json!([[["ip", "10.244.0.9"]]])), "new-uid");
}

#[test]
fn settings_say_where_pods_come_from() {
    let source = |json: Json| settings(&json).source().clone();
    assert_eq!(source(json!({})), Source::ServiceAccount);
    assert_eq!(source(json!({"passthrough": true})), Source::Nothing);
    assert_eq!(source(json!({"auth_type": "none"})), Source::Anonymous);
    assert_eq!(
        source(json!({"snapshot_file": "a.json"})),
        Source::File("a.json".into())
    );
    let config = json!({"auth_type": "kubeConfig", "kube_config_path": "k", "context": "c"});
    let path = Some("k".into());
    assert_eq!(
        source(config),
        Source::KubeConfig {
            path,
            context: Some("c".to_owned())
        }
    );
    let waits = |json: Json| settings(&json).wait().map(|wait| wait.as_secs());
    assert_eq!(waits(json!({"wait_for_metadata_timeout": "3s"})), None);
    assert_eq!(waits(json!({"wait_for_metadata": true})), Some(10));
    assert_eq!(
        waits(json!({"wait_for_metadata": true, "wait_for_metadata_timeout": "2m"})),
        Some(120)
    );
}

#[test]
fn faulty_settings_are_errors_without_their_values() {
    let cases = [
        (json!({"auth_type": "hunter2"}), "auth_type"),
        (
            json!({"wait_for_metadata": true, "wait_for_metadata_timeout": "hunter2"}),
            "wait_for_metadata_timeout",
        ),
        (
            json!({"wait_for_metadata": true, "wait_for_metadata_timeout": "99999999999999999999h"}),
            "wait_for_metadata_timeout",
        ),
        (
            json!({"filter": {"labels": [{"key": "a", "op": "hunter2"}]}}),
            "filter.labels[0].op",
        ),
        (json!({"filter": "hunter2"}), "schema"),
    ];
    for (json, path) in cases {
        let error: SettingsError = Settings::from_json(&json).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.contains(path) && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_node_that_the_environment_does_not_name_is_an_error_when_pods_are_read() {
    let unset = settings(&json!({"filter": {"node_from_env_var": "NO_SUCH_VARIABLE"}}));
    let error = Feed::from_file(&data("cluster.json"), &unset).unwrap_err();
    assert!(
        error.to_string().starts_with("filter.node_from_env_var: "),
        "{error}"
    );
    // A variable that is set everywhere, and names no node.
    let other = from_cluster(&json!({"filter": {"node_from_env_var": "CARGO_MANIFEST_DIR"}}));
    assert_eq!(other.table().counters().pods, 0);
}
