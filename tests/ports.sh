# Sourced by the scripts of tests/live and tests/k8s.

# free_ports COUNT: ports of 127.0.0.1 that are free now, all different, in one line.
free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PY
}
