# Sourced by the scripts of this folder: the binaries of a real kube-apiserver and etcd, ports, start and end.
#
# Binaries stand in .components/bin under the project; they are built by ../shared/components/build-kube.sh
# when they are not there: some minutes and a Go toolchain. Where they cannot be had, a script says so and passes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
source tests/ports.sh
scripts=../shared/components
work=$root/.components

skip() { echo "$0: skipped: $*" >&2; exit 0; }

# need_cluster: the binaries are there, or the script ends here.
need_cluster() {
  [ -x "$scripts/start-kube.sh" ] || skip "there is no $scripts"
  if ! [ -x "$work/bin/kube-apiserver" ] || ! [ -x "$work/bin/etcd" ]; then
    command -v go >/dev/null || skip "no kube-apiserver in $work/bin, and no Go to build it"
    "$scripts/build-kube.sh" "$work" || skip "kube-apiserver cannot be built here"
  fi
}

# start_cluster: with one Deployment, its ReplicaSet and pods. What it leaves for clients is in $cluster.
start_cluster() {
  read -r KUBE_PORT ETCD_PORT ETCD_PEER_PORT <<<"$(free_ports 3)"
  export KUBE_PORT ETCD_PORT ETCD_PEER_PORT
  "$scripts/start-kube.sh" "$work"
  cluster=$work/run/kube-apiserver
}

stop_cluster() { "$scripts/stop.sh" "$work" kube-apiserver etcd; }
