#!/usr/bin/env bash
# Builds the image $1 (counterfoil-redis:debian12) from this machine's redis-server: no registry is needed.
set -euo pipefail

image="${1:-counterfoil-redis:debian12}"
server="$(command -v redis-server)"
version="$("$server" --version)"

# The version line ends in the build's id, so a rebuilt package makes a new image.
label=counterfoil.redis-version
if [[ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$image" 2>/dev/null)" == "$version" ]]; then
    echo "image: $image is there, $version"
    exit 0
fi

context="$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-image.XXXXXX")"
trap 'rm -rf -- "$context"' EXIT
root="$context/root"
mkdir -p "$root/etc" "$root/usr/bin" "$root/data"
# Written by whichever user the container is given.
chmod 1777 "$root/data"

# Each library stands at the path under which the loader looks for it; -L stores the file a link leads to.
cp -L "$server" "$root/usr/bin/redis-server"
ldd "$server" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$(readlink -f "$library")" "$root$library"
done

cat >"$root/etc/redis.conf" <<'CONF'
bind 0.0.0.0
port 6379
# Only the test host's loopback reaches the published port.
protected-mode no
save ""
appendonly no
dir /data
CONF

cat >"$context/Dockerfile" <<DOCKERFILE
FROM scratch
COPY root/ /
LABEL $label="$version"
USER 999:999
EXPOSE 6379
ENTRYPOINT ["/usr/bin/redis-server", "/etc/redis.conf"]
DOCKERFILE

# The classic builder: buildx is a plug-in that Debian's package lacks.
DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$context"
echo "image: built $image, $version"
