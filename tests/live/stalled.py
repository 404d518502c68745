"""Two backends and a sender around a daemon, for tests/live/stalled, which says what is checked.

    stalled.py drop|refuse SECONDS PID DOOR METRICS GOOD STALLED
"""

import collections
import http.client
import http.server
import json
import re
import sys
import threading
import time

MODE, (STALL_S, PID, DOOR, METRICS, GOOD, STALLED) = sys.argv[1], map(int, sys.argv[2:])
WAIT_S = 0.5  # on_full_wait of the config
GROWTH_MAX_MIB = 64
SECRET = "AKIAIOSFODNN7EXAMPLE"
NAME = re.compile(rb"batch-\d+-end")


class Backend(http.server.ThreadingHTTPServer):
    """Answers 200 once `answers` is set, and keeps the names in what it answered."""

    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.answers = threading.Event()
        self.names = collections.Counter()
        self.held = 0
        self.secrets = 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the daemon gave up a request that was held


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: in two, each would wait 40 ms for an acknowledgement.
    wbufsize = -1

    def do_POST(self):
        backend = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        with backend.lock:
            backend.held += not backend.answers.is_set()
        backend.answers.wait()
        with backend.lock:
            backend.names.update(NAME.findall(body))
            backend.secrets += SECRET.encode() in body
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def check(holds, words):
    if not holds:
        sys.exit(f"{MODE}: {words}")


def rss_mib():
    with open(f"/proc/{PID}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def metric(name, exporter):
    """A counter or gauge of this exporter, summed over its other labels."""
    connection = http.client.HTTPConnection("127.0.0.1", METRICS, timeout=30)
    connection.request("GET", "/metrics")
    page = connection.getresponse().read().decode()
    lines = (line for line in page.splitlines() if line.startswith(name + "{"))
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if f'"{exporter}"' in line)


def batch(number):
    text = f"key {SECRET} batch-{number}-end " + "nothing to see here " * 100
    record = {"body": {"stringValue": text}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


def send(connection, body):
    """The status, the seconds it took, and Retry-After."""
    began = time.monotonic()
    connection.request("POST", "/v1/logs", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.monotonic() - began, answer.headers["retry-after"]


good, stalled = Backend(GOOD), Backend(STALLED)
good.answers.set()
connection = http.client.HTTPConnection("127.0.0.1", DOOR, timeout=60)
sent, refused, longest, memory = 0, [], 0.0, []
began = time.monotonic()
sampled = 0.0
# Some time more, in which the stalled one works again.
while (now := time.monotonic() - began) < STALL_S + 3:
    if now >= STALL_S and not stalled.answers.is_set():
        held = stalled.held
        stalled.answers.set()
    if now >= sampled:
        memory.append(rss_mib())
        sampled = now + 0.5
    status, took, again_s = send(connection, batch(sent))
    if status == 200:
        sent, longest = sent + 1, max(longest, took)
        continue
    check(status == 503, f"status {status}")
    check(again_s and int(again_s) > 0, f"503 with Retry-After {again_s}")
    refused.append(took)
    # Sooner than asked, so that there is more than one of them in a short run.
    time.sleep(0.2)
# A batch that was refused last may still be owed.
while send(connection, batch(sent))[0] != 200:
    time.sleep(0.2)
sent += 1

for name in ("good", "stalled"):
    deadline = time.monotonic() + 60
    while left := metric("tamis_exporter_queue_items", f"otlp_http/{name}"):
        check(time.monotonic() < deadline, f"{left:.0f} items are left in the queue of {name}")
        time.sleep(0.1)
counts = {
    what: int(metric(f"tamis_exporter_{what}_items_total", "otlp_http/stalled"))
    for what in ("sent", "dropped", "failed")
}
print(
    f"{MODE}: {sent} batches in {STALL_S + 3} s, the longest took {longest:.3f} s; "
    f"{len(refused)} times 503 after {min(refused, default=0):.2f} to {max(refused, default=0):.2f} s; "
    f"the stalled backend held {held} requests, then {counts}; "
    f"RSS {memory[0]:.0f} MiB at first, {max(memory):.0f} at most, {memory[-1]:.0f} at last"
)
wanted = {f"batch-{number}-end".encode() for number in range(sent)}
check(set(good.names) == wanted, f"the good backend has {len(good.names)} names")
check(set(good.names.values()) == {1}, "the good backend has something twice")
check(good.secrets == stalled.secrets == 0, "a secret came through")
check(held > 0, "nothing was held, so nothing stalled")
check(sum(counts.values()) == sent, "the stalled backend's items do not add up")
# The first seconds are those in which the chain and the queues fill.
settled = memory[len(memory) // 10]
check(max(memory) - settled < GROWTH_MAX_MIB, f"RSS grew from {settled:.0f} to {max(memory):.0f} MiB")
if MODE == "drop":
    check(not refused, "a sender was refused though the queue may drop")
    check(counts["dropped"] > 0, "nothing was dropped")
else:
    check(refused, "nobody was refused")
    check(min(refused) >= WAIT_S * 0.9, f"refused after {min(refused):.2f} s")
    check(counts == {"sent": sent, "dropped": 0, "failed": 0}, "something was lost")
    check(set(stalled.names) == wanted, f"the stalled backend has {len(stalled.names)} names")
