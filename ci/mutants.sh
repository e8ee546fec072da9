#!/usr/bin/env bash
# Changes the judges in small ways, one at a time, and sees that a test notices:
# ci/mutants.sh [--since REF] [--at-most N] [--jobs N] [OPTION…]
#
# Without --since all of them: some two hours. `--since last` takes what changed after the last tag, or, before there is
# one, after the run that harness/docs/mutation.md records; of a clone that lacks that commit, all. Of more than --at-most,
# every k-th is tried. --jobs tries so many at once. Other options go to cargo-mutants. A survivor that
# harness/docs/survivors.txt does not explain is an error; of a whole run, so is an explanation that explains nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

judges=(harness/src/truth harness/src/exposition harness/src/check harness/src/ledger.rs harness/src/ledger)
page=harness/docs/mutation.md explained=harness/docs/survivors.txt
out=target/mutants.out
# They take most of the time; what the others let live, these get to see.
slow=(
    files_that_meet_in_any_way
    usual_files_need_no_series
    a_directory_whose_files_come_and_go
    a_file_that_is_replaced_while
    a_family_of_many_lines
    a_million_entries
    what_was_encoded_is_read_back
    the_order_of_files_does_not_matter
)

since="" at_most="" jobs=1
while (($#)); do
    case "$1" in
    --since) since="${2:?--since needs a commit, a tag or the word last}" && shift 2 ;;
    --at-most) at_most="${2:?--at-most needs a number}" && shift 2 ;;
    --jobs) jobs="${2:?--jobs needs a number}" && shift 2 ;;
    -j* | --jobs=*) echo "mutants: write --jobs N" >&2 && exit 2 ;;
    *) break ;;
    esac
done

export PATH="${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin:$PATH"
options=(--package counterfoil "$@")
whole=$((${#since} + ${#at_most} + $# == 0))
mkdir -p "$out"
is_there() { git rev-parse --quiet --verify "$1^{commit}" >/dev/null; }
if [[ $since == last ]]; then
    since="$(git describe --tags --abbrev=0 2>/dev/null || sed -n 's/^Whole run of `\([0-9a-f]*\)`.*/\1/p' "$page")"
    if ! is_there "$since"; then
        echo "mutants: this clone does not have $since, so all of the judges are taken"
        since=""
    fi
fi
if [[ -n $since ]]; then
    if ! is_there "$since"; then
        echo "mutants: there is no commit $since here; a shallow clone has none: git fetch --unshallow --tags" >&2
        exit 3
    fi
    git diff "$since" -- "${judges[@]}" >"$out/diff"
    if [[ ! -s $out/diff ]]; then
        echo "mutants: no judge has changed since $since, so there is nothing to mutate"
        exit 0
    fi
    options+=(--in-diff "$out/diff")
fi

ci/install-tools.sh mutants
if [[ -n $at_most ]]; then
    count="$(cargo mutants --list "${options[@]}" | wc -l)"
    if ((count > at_most)); then
        shards=$(((count + at_most - 1) / at_most))
        echo "mutants: there are $count${since:+ since $since}, of which one in $shards is tried; all: ci/mutants.sh${since:+ --since $since}"
        options+=(--shard "0/$shards" --sharding round-robin)
    fi
fi

# A folder of its own, so that a mutant is never taken for the program; kept, so that the next run finds it warm. Several at
# once have one each, beside their copy: cargo gives the programs of all copies one name, and one would test another's mutant.
export CARGO_INCREMENTAL=1
unset CARGO_MUTANTS_JOBS
if ((jobs == 1)); then
    export CARGO_TARGET_DIR="$PWD/target/mutants"
else
    unset CARGO_TARGET_DIR
    options+=(--jobs "$jobs")
fi
run() {
    local status=0
    cargo mutants --no-shuffle --colors never --output "$out" "${options[@]}" "$@" || status=$?
    # 2: some were missed, 3: some took too long. Both are looked at below; anything else is no result.
    ((status == 0 || status == 2 || status == 3)) || exit "$status"
}
rm -rf -- "$out/mutants.out" "$out/mutants.out.old"
run -- -- "${slow[@]/#/--skip=}"
[[ ! -s $out/mutants.out/missed.txt ]] || run --iterate

# A mutant is known by its file, its words and the line that it changes, so that the list outlives edits elsewhere.
while IFS=: read -r file line _ words; do
    printf '%s:%s | %s\n' "$file" "$words" "$(sed -n "${line}s/^ *//p" "$file")"
done <"$out/mutants.out/missed.txt" | sort -u >"$out/survivors"
sed -n '/^harness\//p' "$explained" | sort -u >"$out/explained"

# What the first pass caught is not tried again: the two add up.
count() { cat "$out"/mutants.out/"$1".txt "$out"/mutants.out.old/"$1".txt 2>/dev/null | wc -l; }
unexplained="$(comm -23 "$out/survivors" "$out/explained")"
stale="$( ((whole)) && comm -13 "$out/survivors" "$out/explained" || true)"
printf 'mutants: %d caught, %d out of time, %d do not compile, %d survive, of which %d explained\n' "$(count caught)" \
    "$(count timeout)" "$(count unviable)" "$(wc -l <"$out/mutants.out/missed.txt")" "$(comm -12 "$out/survivors" "$out/explained" | wc -l)"
if [[ -n $unexplained ]]; then
    printf 'mutants: no test notices these; write one, simplify the code, or explain it in %s:\n%s\n' "$explained" "$unexplained" >&2
fi
if [[ -n $stale ]]; then
    printf 'mutants: %s explains what does not survive:\n%s\n' "$explained" "$stale" >&2
fi
[[ -z $unexplained$stale ]]
