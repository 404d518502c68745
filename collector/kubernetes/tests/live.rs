//! The plugin `k8s-attributes` against a real kube-apiserver, which `tests/k8s/run` starts; without it
//! there is nothing to test, and it says so.
//!
//! One story, since a cluster is slow to start: the rules of `docs/deploy` are applied and are enough;
//! a real batch of Codex comes out with its pod's attributes; pods are made, changed, deleted; the API
//! server is restarted; the token stops counting and is replaced.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it does"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tamis_host::{Chain, ChainBuilder, Code, Context, Grant, Outcome, PluginSpec, Signal};
use tamis_kubernetes::{Feed, Settings, TABLE, Watcher};

const PODS: &str = "/api/v1/namespaces/agents/pods";
const ACCOUNTS: &str = "/api/v1/namespaces/observability/serviceaccounts";

/// The cluster, as its administrator.
struct Cluster {
    folder: PathBuf,
    admin: Client,
}

impl Cluster {
    async fn found() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("TAMIS_KUBE_DIR")?);
        let read = Kubeconfig::read_from(folder.join("admin.kubeconfig")).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(read, &options)
            .await
            .unwrap();
        let admin = Client::try_from(config).unwrap();
        Some(Self { folder, admin })
    }

    async fn call(&self, method: &str, path: &str, kind: &str, body: &Json) -> Json {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .body(body.to_string().into_bytes())
            .unwrap();
        match self.admin.request::<Json>(request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method} {path}: {error}"),
        }
    }

    async fn create(&self, path: &str, object: &Json) -> Json {
        self.call("POST", path, "application/json", object).await
    }

    async fn patch(&self, path: &str, change: &Json) {
        self.call("PATCH", path, "application/merge-patch+json", change)
            .await;
    }

    async fn delete(&self, path: &str) {
        let now = json!({"gracePeriodSeconds": 0});
        self.call("DELETE", path, "application/json", &now).await;
    }

    /// Applies every manifest of a file of the documentation.
    async fn apply(&self, file: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/deploy")
            .join(file);
        let text = std::fs::read_to_string(path).unwrap();
        for manifest in serde_saphyr::from_multiple::<Json>(&text).unwrap() {
            let namespace = manifest["metadata"]["namespace"]
                .as_str()
                .unwrap_or_default();
            let path = match manifest["kind"].as_str().unwrap() {
                "Namespace" => "/api/v1/namespaces".to_owned(),
                "ServiceAccount" => format!("/api/v1/namespaces/{namespace}/serviceaccounts"),
                "ClusterRole" => "/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(),
                "ClusterRoleBinding" => {
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings".to_owned()
                }
                other => panic!("{file} has a {other}"),
            };
            self.create(&path, &manifest).await;
        }
    }

    /// Writes a kubeconfig with a fresh token of the service account that the documentation makes.
    async fn write_kubeconfig(&self) -> PathBuf {
        let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}});
        let answer = self
            .create(&format!("{ACCOUNTS}/tamis/token"), &asked)
            .await;
        let text = std::fs::read_to_string(self.folder.join("admin.kubeconfig")).unwrap();
        let mut config: Json = serde_json::from_str(&text).unwrap();
        config["users"][0]["user"] = json!({"token": answer["status"]["token"]});
        let path = self.folder.join("tamis.kubeconfig");
        std::fs::write(&path, config.to_string()).unwrap();
        path
    }

    /// A pod of the deployment `codex` with this address.
    async fn pod(&self, name: &str, ip: &str) {
        let mut pod = json!({
            "metadata": {"name": name, "labels": {"app": "codex", "pod-template-hash": "6d4b75cb6d"}},
            "spec": {"nodeName": "node-1", "containers": [{"name": "agent", "image": "registry.test/codex:0.169.0"}]},
        });
        let sets = "/apis/apps/v1/namespaces/agents/replicasets/codex-6d4b75cb6d";
        let set = self.call("GET", sets, "application/json", &json!({})).await;
        pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,
            "name": set["metadata"]["name"], "uid": set["metadata"]["uid"]}]);
        self.create(PODS, &pod).await;
        let status = json!({"status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "startTime": "2026-11-22T12:00:00Z"}});
        self.patch(&format!("{PODS}/{name}/status"), &status).await;
    }
}

fn shell(variable: &str) {
    let line = std::env::var(variable).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let ran = Command::new(words[0])
        .args(&words[1..])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(ran.success(), "{line}");
}

fn chain(watcher: &Watcher, settings: &Json) -> Chain {
    let native = tamis_plugin_k8s_attributes::native();
    let mut spec =
        PluginSpec::new("k8sattributes", Code::Native(native)).with_settings(settings.clone());
    spec.grants = vec![Grant::Lookup];
    ChainBuilder::new()
        .table(TABLE, watcher.table())
        .plugin(spec)
        .build()
        .unwrap()
}

/// Attributes of the resource of a real batch of Codex that came from this address.
fn attributes(chain: &Chain, peer: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/demo/001-logs.bin");
    let input = Bytes::from(std::fs::read(path).unwrap());
    let bytes = match chain.process(Signal::Logs, input, &Context::from_peer(peer)) {
        Outcome::Edited { bytes, .. } | Outcome::Unchanged { bytes, .. } => bytes,
        other => panic!("{other:?}"),
    };
    let batch = ExportLogsServiceRequest::decode(bytes).unwrap();
    let resource = batch.resource_logs[0].resource.clone().unwrap();
    let text = |value: Option<any_value::Value>| match value {
        Some(any_value::Value::StringValue(text)) => text,
        other => format!("{other:?}"),
    };
    let pairs = resource.attributes.into_iter();
    pairs
        .map(|pair| {
            format!(
                "{}={}",
                pair.key,
                text(pair.value.and_then(|any| any.value))
            )
        })
        .collect()
}

async fn until(what: &str, chain: &Chain, peer: &str, holds: impl Fn(&[String]) -> bool) {
    let began = Instant::now();
    loop {
        let found = attributes(chain, peer);
        if holds(&found) {
            println!("{what}: after {:?}", began.elapsed());
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(90),
            "never {what}: {found:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn has(pair: &str) -> impl Fn(&[String]) -> bool {
    move |found| found.iter().any(|one| one == pair)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn a_real_cluster_is_followed_through_everything() {
    let Some(cluster) = Cluster::found().await else {
        println!("skipped: TAMIS_KUBE_DIR names no cluster; tests/k8s/run starts one");
        return;
    };
    cluster.apply("rbac.yaml").await;
    let kubeconfig = cluster.write_kubeconfig().await;
    let settings = json!({
        "auth_type": "kubeConfig", "kube_config_path": kubeconfig, "wait_for_metadata": true,
        "extract": {
            "metadata": ["k8s.pod.name", "k8s.namespace.name", "k8s.deployment.name", "k8s.deployment.uid", "k8s.cluster.uid", "k8s.node.uid"],
            "labels": [{"key": "app"}, {"key": "team", "from": "namespace"}, {"key": "topology.kubernetes.io/zone", "from": "node"}],
            "annotations": [{"key": "redact/profile"}],
        },
    });
    let host = Settings::from_json(&settings).unwrap();
    let watcher = Watcher::start(Feed::open(&host).unwrap(), &host)
        .await
        .unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(30), watcher.ready()).await;
    assert_eq!(waited, Ok(true), "the rules of docs/deploy are enough");
    let chain = chain(&watcher, &settings);

    let found = attributes(&chain, "10.244.0.2");
    for pair in [
        "k8s.pod.name=codex-6d4b75cb6d-00000",
        "k8s.namespace.name=agents",
        "k8s.deployment.name=codex",
        "k8s.pod.labels.app=codex",
        "k8s.pod.annotations.redact/profile=strict",
        "k8s.namespace.labels.team=platform",
        "k8s.node.labels.topology.kubernetes.io/zone=eu-1a",
    ] {
        assert!(has(pair)(&found), "{pair}: {found:?}");
    }
    for key in ["k8s.deployment.uid=", "k8s.cluster.uid=", "k8s.node.uid="] {
        assert!(
            found.iter().any(|pair| pair.starts_with(key)),
            "{key}: {found:?}"
        );
    }

    cluster.pod("made", "10.244.9.1").await;
    until("made", &chain, "10.244.9.1", has("k8s.pod.name=made")).await;
    let label = json!({"metadata": {"labels": {"app": "changed"}}});
    cluster.patch(&format!("{PODS}/made"), &label).await;
    until(
        "changed",
        &chain,
        "10.244.9.1",
        has("k8s.pod.labels.app=changed"),
    )
    .await;
    cluster.delete(&format!("{PODS}/made")).await;
    cluster.pod("made", "10.244.9.2").await;
    until(
        "deleted and made again",
        &chain,
        "10.244.9.2",
        has("k8s.pod.name=made"),
    )
    .await;
    cluster.pod("heir", "10.244.9.1").await;
    until(
        "its address is another's",
        &chain,
        "10.244.9.1",
        has("k8s.pod.name=heir"),
    )
    .await;

    shell("TAMIS_KUBE_STOP");
    assert!(
        has("k8s.pod.name=made")(&attributes(&chain, "10.244.9.2")),
        "while the server is down"
    );
    shell("TAMIS_KUBE_START");
    cluster.pod("after-restart", "10.244.9.3").await;
    until(
        "seen after a restart",
        &chain,
        "10.244.9.3",
        has("k8s.deployment.name=codex"),
    )
    .await;
    assert!(has("k8s.pod.name=made")(&attributes(&chain, "10.244.9.2")));

    // A token counts no more when its account is gone; a restart makes every watch ask again.
    cluster.delete(&format!("{ACCOUNTS}/tamis")).await;
    shell("TAMIS_KUBE_STOP");
    shell("TAMIS_KUBE_START");
    cluster.pod("unseen", "10.244.9.4").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(
        has("k8s.pod.name=made")(&attributes(&chain, "10.244.9.2")),
        "while the token counts no more"
    );
    assert!(
        !has("k8s.pod.name=unseen")(&attributes(&chain, "10.244.9.4")),
        "the token must not count"
    );
    let account = json!({"metadata": {"name": "tamis", "namespace": "observability"}});
    cluster.create(ACCOUNTS, &account).await;
    cluster.write_kubeconfig().await;
    until(
        "seen with a new token",
        &chain,
        "10.244.9.4",
        has("k8s.pod.name=unseen"),
    )
    .await;
    println!("{:?}", watcher.table().counters());
}
