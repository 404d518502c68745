# Sourced by the scripts of this folder: ports, processes, the planted secrets.
#
# Everything listens on 127.0.0.1, on ports that were free a moment before, and ends with the script.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/ports.sh"
shared=$root/../shared
captures=$shared/captures
scratch=$(mktemp -d)
pids=()

# The fakes that stand in the captures.
planted=(hunter2-dummy AKIAIOSFODNN7EXAMPLE sk-test-DUMMY '4111 1111 1111 1111')

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
skip() { say "skipped: $*"; exit 77; }

finish() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

free_port() { free_ports 1; }

# The binary: $TAMIS, or a debug build of this tree.
tamis_binary() {
    if [[ -z ${TAMIS:-} ]]; then
        cargo build --quiet --manifest-path "$root/Cargo.toml" -p tamis-collector >&2
        TAMIS=$root/target/debug/tamis
    fi
    [[ -x $TAMIS ]] || fail "$TAMIS is not a program"
}

# wait_for PORT [PID]: until something listens there; not any longer when PID has ended.
wait_for() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        if [[ -n ${2:-} ]] && ! kill -0 "$2" 2>/dev/null; then
            fail "what should listen on port $1 has ended"
        fi
        sleep 0.1
    done
    fail "nothing listens on port $1 after 30 s"
}

# start_tamis NAME CONFIG PORT: runs the daemon until the script ends; its pid is in tamis_pid.
start_tamis() {
    "$TAMIS" run --config "$2" >"$scratch/$1.out" 2>"$scratch/$1.log" &
    tamis_pid=$!
    pids+=("$tamis_pid")
    (wait_for "$3" "$tamis_pid") || { tail -n 20 "$scratch/$1.log" >&2; exit 1; }
}

# stop_tamis PID LOG: asks it to end, and wants everything sent.
stop_tamis() {
    kill -TERM "$1"
    wait "$1" || { tail -n 20 "$2" >&2; fail "tamis ended with code $?: something was not sent"; }
}

# no_secret FILE WHAT: none of the planted secrets stands in it.
no_secret() {
    local secret
    for secret in "${planted[@]}"; do
        if grep -qaF -e "$secret" "$1"; then fail "$2 holds $secret"; fi
    done
}

# a_secret FILE WHAT: one of them does, so that the search is known to find them.
a_secret() {
    local secret
    for secret in "${planted[@]}"; do
        if grep -qaF -e "$secret" "$1"; then return; fi
    done
    fail "$2 holds no planted secret though it got them: the search proves nothing"
}
