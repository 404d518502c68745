"""Runs one request through the reference Collector and keeps what it exports; see make-case.sh."""

import http.server
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import yaml

START_TIMEOUT_S = 20


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps the bodies of what is exported."""

    bodies = []

    def do_POST(self):
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def collector_config(case, receiver_port, exporter_port):
    """The case's pipeline between a receiver and an exporter of this run."""
    signal, pipeline = next(iter(case["service"]["pipelines"].items()))
    return {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{receiver_port}"}}}},
        "processors": case["processors"],
        "exporters": {
            "otlp_http": {
                "endpoint": f"http://127.0.0.1:{exporter_port}",
                "compression": "none",
                "sending_queue": {"enabled": False},
                "retry_on_failure": {"enabled": False},
            }
        },
        "service": {
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "error"}},
            "pipelines": {
                signal: {
                    "receivers": ["otlp"],
                    "processors": pipeline["processors"],
                    "exporters": ["otlp_http"],
                }
            },
        },
    }, signal


def send(url, body, collector):
    """Sends the request as soon as the Collector listens."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/x-protobuf"})
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            urllib.request.urlopen(request, timeout=10).read()
            return
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if collector.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main(binary, config, request, expected):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver_port = free_port()
    case = yaml.safe_load(pathlib.Path(config).read_text())
    whole, signal = collector_config(case, receiver_port, server.server_address[1])
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        # A dollar begins a reference to the environment unless it is doubled.
        file.write(yaml.safe_dump(whole, allow_unicode=True).replace("$", "$$"))
        file.flush()
        collector = subprocess.Popen([binary, "--config", file.name])
        try:
            url = f"http://127.0.0.1:{receiver_port}/v1/{signal}"
            send(url, pathlib.Path(request).read_bytes(), collector)
        finally:
            collector.terminate()
            collector.wait()
    pathlib.Path(expected).write_bytes(b"".join(Recorder.bodies))


if __name__ == "__main__":
    main(*sys.argv[1:])
