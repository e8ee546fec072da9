#!/usr/bin/env bash
# RUSTC_WRAPPER of ci/fuzz.sh: compiles counterfoil and the fuzz targets with the counters that libFuzzer steers by.
# cargo-fuzz asks rustc for them by a flag that only a nightly has; LLVM's pass is in the stable one too.
set -euo pipefail

rustc="$1"
shift
crate=
for argument in "$@"; do
    [[ ${previous:-} != --crate-name ]] || crate="$argument"
    previous="$argument"
done

case "$crate" in
counterfoil | counterfoil_fuzz)
    # One unit of code: the linker drops the counters of others.
    exec "$rustc" "$@" -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
*) exec "$rustc" "$@" ;;
esac
