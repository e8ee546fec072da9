#!/usr/bin/env bash
# Compares counterfoil with its peers in one go and prints the ratios as Markdown:
# ci/bench.sh [merge|parse|record|endpoint|broker|fleet|scenario …] [--sizes S,M,L] [--rounds N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=target/bench
benches=harness/benches
say() { echo "bench: $*" >&2; }

# The peers that are Debian packages, and a program or file that tells whether each is there.
packages() {
    local missing=()
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v redis-benchmark >/dev/null || missing+=(redis-tools)
    command -v ruby >/dev/null || missing+=(ruby)
    ruby -e 'require "prometheus/client"' 2>/dev/null || missing+=(ruby-prometheus-client-mmap)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    # Debian's packages start their services when installed; a policy of 101 forbids that. An existing one is left alone.
    local policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f -- /usr/sbin/policy-rc.d' EXIT
    fi
    install() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "${missing[@]}" >&2; }
    install || { apt-get update --quiet >&2 && install; }
}

# environment NAME REQUIREMENT…: a Python environment with just these.
environment() {
    local dir="$cache/$1"
    shift
    if [[ "$(cat "$dir/requirements.txt" 2>/dev/null)" == "$*" ]]; then
        return
    fi
    say "installing $*"
    rm -rf -- "$dir"
    python3 -m venv "$dir"
    "$dir/bin/pip" --quiet --disable-pip-version-check install "$@" >&2
    echo "$*" >"$dir/requirements.txt"
}

# data_set NAME PROCESSES SETS: metric files written by prometheus_client, their text, and what Ruby makes of them.
data_set() {
    local name="$1" dir="$cache/data/$1"
    # A generator that changed makes other data.
    local stamp="$dir.stamp" wanted
    wanted="$(cat "$benches"/peers/generate.* | sha256sum)"
    if [[ "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
        return
    fi
    say "generating data set $name"
    rm -rf -- "$dir" "$dir-ruby" "$dir.txt" "$stamp"
    mkdir -p "$cache/data"
    "$cache/python/bin/python" "$benches/peers/generate.py" "$dir" "$2" "$3"
    "$cache/python/bin/python" "$benches/peers/text.py" "$dir" >"$dir.txt"
    [[ $name == L ]] || ruby "$benches/peers/generate.rb" "$dir" "$dir-ruby"
    echo "$wanted" >"$stamp"
}

# What --sizes names; all without it. The endpoint's and the suite's own sections are about M.
sizes=S,M,L
previous=
for word in "$@"; do
    [[ $previous != --sizes ]] || sizes="$word"
    [[ $word != --sizes=* ]] || sizes="${word#--sizes=}"
    previous="$word"
done

packages
environment python prometheus_client==0.26.0
environment speedups prometheus_client==0.26.0 prometheus-client-python-speedups==0.1.0
[[ $sizes != *S* ]] || data_set S 2 500
data_set M 16 2000
[[ $sizes != *L* ]] || data_set L 128 5000

# One target folder for both: what they share is compiled once.
cargo build --locked --release --quiet -p counterfoil --bin counterfoil
cargo build --locked --release --quiet --manifest-path "$benches/Cargo.toml" --target-dir target
target/release/counterfoil-benches run "$@"
