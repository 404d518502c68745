#!/usr/bin/env bash
# Makes a case: what the reference Collector exports for a request.
#
#   tests/reference/make-case.sh NAME.yaml NAME.request.pb [NAME.expected.pb]
#
# The config is one as the cases under tests/data have it: one pipeline with one processor; its receiver
# and exporter are replaced by ones on ports of this run. The signal is the pipeline's. Needs what
# build-collector.sh needs, and python3 with PyYAML.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=${COLLECTOR:-$("$here/build-collector.sh")}
exec python3 "$here/make_case.py" "$binary" "$1" "$2" "${3:-${2%.request.pb}.expected.pb}"
