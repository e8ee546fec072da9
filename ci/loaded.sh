#!/usr/bin/env bash
# Plays every scenario on the reference again and again while all processors are kept busy:
#   ci/loaded.sh [TIMES [OPTION-OF-RUN…]]      as in: ci/loaded.sh 200 --jobs 4
#
# The reference is right, so every verdict but pass is a false one. What was counted is added to harness/docs/loaded-runs.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

times="${1:-10}"
(($# == 0)) || shift
page=harness/docs/loaded-runs.md
work="$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-loaded.XXXXXX")"
busy=()
finish() {
    ((${#busy[@]} == 0)) || kill "${busy[@]}" 2>/dev/null || true
    rm -rf -- "$work"
}
trap finish EXIT

cargo build --locked --release --quiet -p counterfoil --bin counterfoil
for _ in $(seq "$(nproc)"); do
    (while :; do :; done) &
    busy+=("$!")
done

# Each time another seed than any before.
before="$(awk -F'|' '/^\| 20/ { times += $5 } END { print times + 0 }' "$page")"
total=0 false=0
for turn in $(seq "$times"); do
    status=0
    target/release/counterfoil run --broker embedded --seed "$((before + turn))" --out "$work/out" --message-format json "$@" \
        >"$work/events" || status=$?
    passed="$(grep -c '"event":"scenario-finished".*"verdict":"pass","turns"' "$work/events" || true)"
    planned="$(sed -n 's/.*"event":"run-finished","planned":\([0-9]*\).*/\1/p' "$work/events")"
    total=$((total + ${planned:-0}))
    if ((status != 0)) || [[ -z $planned || $passed != "$planned" ]]; then
        false=$((false + ${planned:-1} - passed))
        kept="target/loaded-$(date -u +%Y%m%d-%H%M%S)"
        mkdir -p target && mv "$work/out" "$kept"
        echo "loaded: turn $turn: ${passed:-0} of ${planned:-?} pass, exit $status; kept: $kept" >&2
    fi
    rm -rf -- "$work/out"
    echo "loaded: turn $turn of $times: $total scenarios played, $false false verdicts" >&2
done

commit="$(git rev-parse --short HEAD)"
[[ -z "$(git status --porcelain --untracked-files=no -- . ":!$page")" ]] || commit="$commit, changed"
printf '| %s | %s | %d | %d | %d | %d |\n' "$(date -u +%F)" "$commit" "$(nproc)" "$times" "$total" "$false" >>"$page"
echo "loaded: added to $page"
((false == 0))
