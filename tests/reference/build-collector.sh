#!/usr/bin/env bash
# Builds the reference Collector that `make-case.sh` runs cases through.
#
#   tests/reference/build-collector.sh [FOLDER]     (default: target/reference)
#
# Needs Go 1.26 and a Go module proxy, nothing else; about three minutes and 1.5 GB of module cache
# when nothing is there yet. Prints the path of the binary. The Collector's own builder makes it, from
# the one version that the cases under tests/data were recorded with, so that new cases and old ones
# come from the same program.
set -euo pipefail

version=0.159.0
providers=1.65.0
folder=${1:-"$(cd "$(dirname "$0")/../.." && pwd)/target/reference"}
binary=$folder/collector/otelcol-reference

if ! command -v go >/dev/null; then
    echo "build-collector: no Go here, so no reference Collector" >&2
    exit 77
fi
if [[ -x $binary && $("$binary" --version) == *"$version" ]]; then
    echo "$binary"
    exit 0
fi

mkdir -p "$folder"
export GOBIN=$folder GOTOOLCHAIN=local CGO_ENABLED=0
go install "go.opentelemetry.io/collector/cmd/builder@v$version" >&2

core=go.opentelemetry.io/collector
contrib=github.com/open-telemetry/opentelemetry-collector-contrib
# The builder asks for envprovider even where no config uses it.
cat >"$folder/builder.yaml" <<YAML
dist: {name: otelcol-reference, output_path: $folder/collector, version: $version}
receivers:
  - gomod: $core/receiver/otlpreceiver v$version
processors:
  - gomod: $contrib/processor/redactionprocessor v$version
  - gomod: $contrib/processor/probabilisticsamplerprocessor v$version
exporters:
  - gomod: $core/exporter/otlphttpexporter v$version
providers:
  - gomod: $core/confmap/provider/fileprovider v$providers
  - gomod: $core/confmap/provider/envprovider v$providers
  - gomod: $core/confmap/provider/yamlprovider v$providers
YAML
"$folder/builder" --config="$folder/builder.yaml" >&2
echo "$binary"
