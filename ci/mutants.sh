#!/usr/bin/env bash
# Changes the judges in small ways, one at a time, and sees that a test notices:
# ci/mutants.sh [--since REF] [--at-most N] [--jobs N] [OPTION…]
#
# Without --since all of them: some two hours. `--since last` takes what changed after the last tag, or, before there is
# one, after the run that harness/docs/mutation.md records; of a clone that lacks that commit, all. Of more than --at-most,
# every k-th is tried. --jobs tries so many at once. Other options choose among the mutants, as cargo-mutants's do. A
# survivor that harness/docs/survivors.txt does not explain is an error; of a whole run, so is an explanation that explains
# nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

judges=(harness/src/truth harness/src/exposition harness/src/check harness/src/ledger.rs harness/src/ledger
    harness/src/threads.rs)
page=harness/docs/mutation.md explained=harness/docs/survivors.txt
out=target/mutants.out
# The tests that look at a judge first: they are compiled and run in a third of the time, and catch most.
nearest=(
    "truth/streamed --lib"
    "truth --test=truth_rules"
    "exposition --test=exposition_rules"
    "check|ledger --test=check_rules"
)
# Whatever those let live, the unit tests get to see, then all, and these last: they take most of the time.
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

since="" at_most="" jobs=1 choice=()
while (($#)); do
    case "$1" in
    --since) since="${2:?--since needs a commit, a tag or the word last}" && shift 2 ;;
    --at-most) at_most="${2:?--at-most needs a number}" && shift 2 ;;
    --jobs) jobs="${2:?--jobs needs a number}" && shift 2 ;;
    -j* | --jobs=*) echo "mutants: write --jobs N" >&2 && exit 2 ;;
    *) choice+=("$1") && shift ;;
    esac
done

export PATH="${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin:$PATH"
whole=$((${#since} + ${#at_most} + ${#choice[@]} == 0))
rm -rf -- "$out"
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
    choice+=(--in-diff "$out/diff")
fi

ci/install-tools.sh mutants
chosen="$out/chosen"
cargo mutants --list --package counterfoil "${choice[@]}" >"$chosen"
count="$(wc -l <"$chosen")"
if [[ -n $at_most ]] && ((count > at_most)); then
    step=$(((count + at_most - 1) / at_most))
    echo "mutants: there are $count${since:+ since $since}, of which one in $step is tried; all: ci/mutants.sh${since:+ --since $since}"
    sed -n "1~${step}p" "$chosen" >"$out/sample"
    chosen="$out/sample"
fi

# A folder of its own, so that a mutant is never taken for the program; kept, so that the next run finds it warm. Several at
# once have one each, beside their copy: cargo gives the programs of all copies one name, and one would test another's mutant.
export CARGO_INCREMENTAL=1
unset CARGO_MUTANTS_JOBS CARGO_TARGET_DIR
((jobs > 1)) || export CARGO_TARGET_DIR="$PWD/target/mutants"

cargo mutants --list --package counterfoil >"$out/every"
# try PASS NAMES OPTION…: the mutants that the file NAMES lists, a line each, are tried as the options say. Of all others
# cargo-mutants is told that it caught them before: its choice by name lets all mutants of a struct's fields through (27.1).
try() {
    local pass="$out/$1" names="$2" status=0
    shift 2
    mkdir -p "$pass/mutants.out"
    touch "$pass/mutants.out/missed.txt"
    [[ -s $names ]] || return 0
    echo "mutants: ${pass##*/}, $(wc -l <"$names")"
    { grep -vxFf "$names" "$out/every" || true; } >"$pass/mutants.out/previously_caught.txt"
    cargo mutants --iterate --no-shuffle --colors never --package counterfoil --jobs "$jobs" --output "$pass" "$@" || status=$?
    # 2: some were missed, 3: some took too long. Both are looked at below; anything else is no result.
    ((status == 0 || status == 2 || status == 3)) || exit "$status"
}
without_slow=(-- -- "${slow[@]/#/--skip=}")
cp "$chosen" "$out/rest"
for row in "${nearest[@]}"; do
    read -r judge tests <<<"$row"
    pass="nearest-${judge//[^a-z]/-}" judge="^harness/src/($judge)\b"
    { grep -E "$judge" "$out/rest" || true; } >"$out/$pass.txt"
    { grep -Ev "$judge" "$out/rest" || true; } >"$out/others" && mv "$out/others" "$out/rest"
    try "$pass" "$out/$pass.txt" --cargo-arg="$tests" "${without_slow[@]}"
done
cat "$out/rest" "$out"/nearest-*/mutants.out/missed.txt >"$out/left.txt"
try unit-tests "$out/left.txt" --cargo-arg=--lib "${without_slow[@]}"
try all-tests "$out/unit-tests/mutants.out/missed.txt" --cargo-arg=--tests "${without_slow[@]}"
try slow-tests "$out/all-tests/mutants.out/missed.txt" --cargo-arg=--tests
missed="$out/slow-tests/mutants.out/missed.txt"

# A mutant is known by its file, its words and the line that it changes, so that the list outlives edits elsewhere.
while IFS=: read -r file line _ words; do
    printf '%s:%s | %s\n' "$file" "$words" "$(sed -n "${line}s/^ *//p" "$file")"
done <"$missed" | sort -u >"$out/survivors"
sed -n '/^harness\//p' "$explained" | sort -u >"$out/explained"

count() { cat "$out"/*/mutants.out/"$1".txt 2>/dev/null | wc -l; }
unexplained="$(comm -23 "$out/survivors" "$out/explained")"
stale="$( ((whole)) && comm -13 "$out/survivors" "$out/explained" || true)"
printf 'mutants: %d caught, %d out of time, %d do not compile, %d survive, of which %d explained\n' "$(count caught)" \
    "$(count timeout)" "$(count unviable)" "$(wc -l <"$missed")" "$(comm -12 "$out/survivors" "$out/explained" | wc -l)"
if [[ -n $unexplained ]]; then
    printf 'mutants: no test notices these; write one, simplify the code, or explain it in %s:\n%s\n' "$explained" "$unexplained" >&2
fi
if [[ -n $stale ]]; then
    printf 'mutants: %s explains what does not survive:\n%s\n' "$explained" "$stale" >&2
fi
[[ -z $unexplained$stale ]]
