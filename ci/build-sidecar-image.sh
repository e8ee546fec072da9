#!/usr/bin/env bash
# Builds the image $1 (counterfoil-sidecar:local) from the program $2 (target/release/counterfoil): the program and the
# libraries that it is linked to, nothing else. No registry is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

image="${1:-counterfoil-sidecar:local}"
program="${2:-target/release/counterfoil}"
if [[ ! -x $program ]]; then
    echo "image: $program is missing: cargo build --release --package counterfoil" >&2
    exit 2
fi

context="$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-image.XXXXXX")"
trap 'rm -rf -- "$context"' EXIT
root="$context/root"
install -D -m 755 "$program" "$root/usr/bin/counterfoil"
# Line tables are nine tenths of it, and nobody debugs in an image without a shell.
if command -v strip >/dev/null; then
    strip "$root/usr/bin/counterfoil"
fi

# Each library stands at the path under which the loader looks for it.
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$(readlink -f "$library")" "$root$library"
done

cat >"$context/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY root/ /
USER 65534:65534
EXPOSE 9000
ENTRYPOINT ["/usr/bin/counterfoil", "reference", "serve"]
CMD ["/metrics", "--listen", "0.0.0.0:9000"]
DOCKERFILE

# The classic builder: buildx is a plug-in that Debian's package lacks.
DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$context"
echo "image: built $image, $("$program" --version)"
