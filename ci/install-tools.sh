#!/usr/bin/env bash
# Installs cargo subcommands, those that CI needs (deny, nextest) or the ones that are named; does nothing for those
# already there.
set -euo pipefail

have() { cargo "$1" --version >/dev/null 2>&1; }

# --root keeps the binaries out of the work tree whatever the caller's settings; ~/.cargo/bin is on PATH with any rustup.
root="${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}"
export PATH="$root/bin:$PATH"

(($#)) || set -- deny nextest
for tool in "$@"; do
    if have "$tool"; then
        echo "cargo-$tool: $(cargo "$tool" --version | sed -n 1p), already installed"
        continue
    fi
    # From outside the work tree, whose settings are not the tool's; --debug compiles in half the time, and each
    # of them works for seconds only or waits for the compiler.
    (cd / && CARGO_TARGET_DIR="${TMPDIR:-/tmp}/cargo-$tool-build" cargo install --debug --locked --root "$root" "cargo-$tool")
    rm -rf -- "${TMPDIR:-/tmp}/cargo-$tool-build"
    have "$tool" || { echo "cargo-$tool: installed under $root, yet not found by cargo" >&2; exit 1; }
done
