#!/usr/bin/env bash
# Gives hostile input to whatever reads some: ci/fuzz.sh [RUNS [TARGET…]]
#
# Every target of harness/fuzz is run RUNS times, or for some seconds if those are over sooner; SEED in the environment
# chooses which inputs are tried. What is new goes to target/fuzz/corpus; what fails goes to target/fuzz/failures, with
# the command that repeats it, and the exit status is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In CI four seconds a target, elsewhere as many as it takes.
runs="${1:-50000}" limit_s=$(($# ? 3600 : 4)) seed="${SEED:-1}"
(($# == 0)) || shift
work=target/fuzz
program=target/release/counterfoil-fuzz

RUSTC_WRAPPER="$PWD/ci/coverage-rustc.sh" \
    cargo build --locked --release --quiet --manifest-path harness/fuzz/Cargo.toml --target-dir target

# Files that last for an execution belong in memory.
scratch="$(mktemp -d -p /dev/shm counterfoil-fuzz.XXXXXX 2>/dev/null || mktemp -d)"
trap 'rm -rf -- "$scratch"' EXIT

targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(ls harness/fuzz/corpus)
if ((${#targets[@]} == 0)); then
    echo "fuzz: there are no inputs in harness/fuzz/corpus, so nothing would be tried" >&2
    exit 1
fi
mkdir -p "$work/failures"
failed=0
for target in "${targets[@]}"; do
    corpus="harness/fuzz/corpus/$target" log="$work/$target.log" status=0
    case "$target" in
    text | openmetrics | both-formats) dictionary=exposition ;;
    manifest | scenario) dictionary=toml ;;
    requests | commands) dictionary=broker ;;
    *) dictionary=key ;;
    esac
    mkdir -p "$work/corpus/$target"
    COUNTERFOIL_FUZZ_TARGET="$target" TMPDIR="$scratch" "$program" -runs="$runs" -max_total_time="$limit_s" \
        -seed="$seed" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
        -dict="harness/fuzz/dictionaries/$dictionary" -artifact_prefix="$work/failures/$target-" \
        "$work/corpus/$target" "$corpus" >"$log" 2>&1 || status=$?
    executions="$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$log")"
    coverage="$(grep -o 'cov: [0-9]*' "$log" | tail -1 || true)"
    printf 'fuzz: %-12s %8s executions, %s\n' "$target" "${executions:-?}" "${coverage:-no coverage}"
    if ((status == 0)); then
        continue
    fi
    failed=1
    grep -m 1 -A 5 'panicked at' "$log" || tail -20 "$log"
    artifact="$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)"
    echo "fuzz: $target failed with status $status; again: COUNTERFOIL_FUZZ_TARGET=$target $program ${artifact:-$corpus/*}"
done
exit "$failed"
