#!/usr/bin/env bash
# Installs the Debian packages that CI needs: a Docker engine, Redis, Python with venv, Node with npm, Ruby with its metrics client,
# Rack and Redis' client, Prometheus with its tool, and a C++ compiler for the fuzzer. Starts no service.
set -euo pipefail

# What is needed, and the package that brings it. The engine is dockerd: a docker on PATH may be the command line alone.
needed=(
    "dockerd:docker.io"
    "docker:docker.io"
    "redis-server:redis-server"
    "redis-cli:redis-tools"
    "python3:python3"
    "node:nodejs"
    "npm:npm"
    "ruby:ruby"
    "promtool:prometheus"
    "curl:curl"
    "c++:g++"
)

missing=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
# Debian splits venv off: the module imports without it, only ensurepip tells.
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=(python3 python3-venv)
fi
for pair in prometheus/client:ruby-prometheus-client-mmap rack:ruby-rack redis:ruby-redis webrick:ruby-webrick; do
    if ! ruby -e "require '${pair%%:*}'" 2>/dev/null; then
        missing+=(ruby "${pair##*:}")
    fi
done

if ((${#missing[@]} == 0)); then
    echo "packages: all there"
    exit 0
fi
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
echo "packages: installing ${missing[*]}"

# Debian's packages start their services when installed; a policy of 101 forbids that. An existing policy is left alone.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f -- "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install --yes --quiet --no-install-recommends "${missing[@]}"; }
# The lists may be absent or stale; both show as an install that fails.
install || { apt-get update --quiet && install; }
