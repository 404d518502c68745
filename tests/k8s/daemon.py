"""The story of tests/k8s/daemon: sends captures as pods would, and reads what the file exporter wrote.

usage: daemon.py API CLUSTER HTTP_PORT METRICS_PORT OUT
"""
import http.client, json, ssl, sys, time, urllib.parse

api_url, folder, port, metrics_port, out = sys.argv[1:]
captures = "../shared/captures/"
PODS = "/api/v1/namespaces/agents/pods"
LONG = 60
fakes = ["hunter2-dummy", "AKIAIOSFODNN7EXAMPLE", "sk-test-DUMMY"]


def api(method, path, body=None, kind="application/json"):
    """Asks the API server, as its administrator."""
    url = urllib.parse.urlsplit(api_url)
    secure = ssl.create_default_context(cafile=folder + "/ca.crt")
    connection = http.client.HTTPSConnection(url.hostname, url.port, context=secure, timeout=LONG)
    token = open(folder + "/admin.token").read().strip()
    headers = {"Authorization": "Bearer " + token, "Content-Type": kind}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, (method, path, answer.status, text[:300])
    return json.loads(text)


def until(what, holds):
    """Asks again until it holds, and says how long that took."""
    began = time.monotonic()
    while True:
        found = holds()
        if found:
            print(f"{what}: after {time.monotonic() - began:.2f} s", file=sys.stderr)
            return found
        assert time.monotonic() - began < LONG, f"never: {what}"
        time.sleep(0.1)


def post(signal, body, kind, source="127.0.0.1"):
    """Sends a batch from this address."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=LONG, source_address=(source, 0))
    connection.request("POST", "/v1/" + signal, body, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, (signal, answer.status, text[:300])


def as_pod(capture, signal, case, **more):
    """Sends a capture of Codex whose resources say this much more."""
    batch = json.load(open(captures + capture))
    for group in batch["resource" + signal.capitalize().replace("Traces", "Spans")]:
        more_pairs = {"test.case": case, **{"k8s.pod." + key: value for key, value in more.items()}}
        for key, value in more_pairs.items():
            group["resource"]["attributes"].append({"key": key, "value": {"stringValue": value}})
    post(signal, json.dumps(batch), "application/json")


def resources():
    """The attributes of each resource that was written, whole lines only."""
    try:
        lines = open(out).read().split("\n")[:-1]
    except FileNotFoundError:
        return []
    groups = [group for line in lines for groups in json.loads(line).values() for group in groups]
    pairs = [group["resource"].get("attributes", []) for group in groups]
    return [{pair["key"]: pair["value"].get("stringValue") for pair in each} for each in pairs]


def comes(what, expected, absent=()):
    """A resource with these attributes, and without those, is written."""
    def found():
        return [each for each in resources() if expected.items() <= each.items() and not set(absent) & set(each)]
    until(what, found)


def listening():
    try:
        http.client.HTTPConnection("127.0.0.1", int(port), timeout=1).connect()
        return True
    except OSError:
        return False


def of_deployment(name):
    return {"k8s.pod.name": name, "k8s.namespace.name": "agents", "k8s.deployment.name": "codex",
            "k8s.node.name": "node-1", "app": "codex", "team": "platform"}


# A pod whose address is one of the loopback's, so that a connection can come from it.
first = api("GET", PODS + "/codex-6d4b75cb6d-00000")
second = api("GET", PODS + "/codex-6d4b75cb6d-00001")
near = {"metadata": {"name": "codex-6d4b75cb6d-near", "labels": first["metadata"]["labels"],
                     "ownerReferences": first["metadata"]["ownerReferences"]},
        "spec": {"nodeName": "node-1", "containers": [{"name": "agent", "image": "registry.test/codex:0.169.0"}]}}
api("POST", PODS, near)
state = {"phase": "Running", "podIP": "127.0.0.9", "podIPs": [{"ip": "127.0.0.9"}], "startTime": "2026-11-22T12:00:00Z"}
api("PATCH", PODS + "/codex-6d4b75cb6d-near/status", {"status": state}, "application/merge-patch+json")
until("the daemon listens", listening)

as_pod("codex-http-json/001-http-logs.bin", "logs", "uid", uid=first["metadata"]["uid"])
comes("logs by the pod's UID", {"test.case": "uid", **of_deployment("codex-6d4b75cb6d-00000")})
as_pod("codex-http-json/002-http-traces.bin", "traces", "ip", ip=second["status"]["podIP"])
comes("traces by the pod's address", {"test.case": "ip", **of_deployment("codex-6d4b75cb6d-00001")})
as_pod("codex-http-json/007-http-metrics.bin", "metrics", "none")
comes("metrics of no pod are as they were", {"test.case": "none"}, absent=["k8s.pod.name", "k8s.namespace.name"])

# The capture as it was sent, from the pod's own address.
sent = open(captures + "codex-http-binary/001-http-logs.bin", "rb").read()


def from_peer():
    post("logs", sent, "application/x-protobuf", source="127.0.0.9")
    return [each for each in resources() if of_deployment("codex-6d4b75cb6d-near").items() <= each.items()]


until("logs by the address of the connection", from_peer)
api("PATCH", PODS + "/codex-6d4b75cb6d-near", {"metadata": {"labels": {"app": "changed"}}}, "application/merge-patch+json")


def changed():
    post("logs", sent, "application/x-protobuf", source="127.0.0.9")
    return [each for each in resources() if each.get("app") == "changed"]


until("a label that was changed", changed)

# The daemon's own page tells how many pods there are and what was asked.
page = http.client.HTTPConnection("127.0.0.1", int(metrics_port), timeout=LONG)
page.request("GET", "/metrics")
lines = page.getresponse().read().decode().split("\n")
counts = {line.split("{")[0]: float(line.split()[-1]) for line in lines if line.startswith("tamis_kubernetes_")}
assert counts["tamis_kubernetes_pods"] == 4, counts
assert counts["tamis_kubernetes_found_total"] >= 4 and counts["tamis_kubernetes_questions_total"] > counts["tamis_kubernetes_found_total"], counts
written = open(out).read()
assert not [fake for fake in fakes if fake in written], "a planted secret was written"
print(f"{len(resources())} resources were written, {counts}", file=sys.stderr)
