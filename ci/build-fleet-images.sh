#!/usr/bin/env bash
# Builds what fleets in containers need, from what this machine has: no registry is needed.
#   $1 (counterfoil-fleet:debian12)   the C library and its loader: what the program, which is mounted, is linked to
#   $2 (counterfoil-python:debian12)  the same, and python3 with its standard library: environments are mounted
set -euo pipefail

fleet_image="${1:-counterfoil-fleet:debian12}"
python_image="${2:-counterfoil-python:debian12}"
# What is on PATH may be a script that looks for the interpreter; environments link to the interpreter.
python="$("${COUNTERFOIL_PYTHON:-python3}" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')"

work="$(mktemp -d "${TMPDIR:-/tmp}/counterfoil-image.XXXXXX")"
trap 'rm -rf -- "$work"' EXIT

# put ROOT FILE…: each file at the path under which it is looked for; what a link leads to stands in its place.
put() {
    local root="$1" file
    shift
    for file in "$@"; do
        [[ -e $root$file ]] || install -D -m 755 "$(readlink -f "$file")" "$root$file"
    done
}

# libraries PROGRAM-OR-LIBRARY…: the paths of what it is linked to.
libraries() { ldd "$@" 2>/dev/null | grep -o '/[^ ]* (0x' | sed 's/ (0x$//' | sort -u; }

# library NAME: its path, if this machine has it. Reads to the end: a writer whose reader left would end the script.
library() { ldconfig -p | awk -v name="$1" '$1 == name && !found { print $NF; found = 1 }'; }

# Rust's programs want the loader, libc, libm and libgcc_s; modules that Python environments hold want the others.
c_runtime() {
    local root="$1" name path linked
    mkdir -p "$root/tmp" "$root/etc"
    chmod 1777 "$root/tmp"
    mapfile -t linked < <(libraries "$(command -v bash)")
    put "$root" "${linked[@]}"
    for name in libm.so.6 libgcc_s.so.1 libstdc++.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2; do
        path="$(library "$name")"
        [[ -z $path ]] || put "$root" "$path"
    done
}

# The interpreter at its own path and under each name by which an environment may link to it.
python_runtime() {
    local root="$1" real stdlib name linked
    real="$(readlink -f "$python")"
    put "$root" "$real"
    for name in "$(basename "$python")" python python3; do
        [[ -e $root$(dirname "$real")/$name ]] || ln -s "$(basename "$real")" "$root$(dirname "$real")/$name"
    done
    stdlib="$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
    mkdir -p "$root$stdlib"
    tar -C "$stdlib" --exclude=__pycache__ --exclude=./test --exclude=./idlelib --exclude=./tkinter \
        --exclude=./site-packages --exclude=./dist-packages --exclude='./config-*' --dereference -cf - . |
        tar -C "$root$stdlib" -xf -
    mapfile -t linked < <(libraries "$real" "$stdlib"/lib-dynload/*.so)
    put "$root" "${linked[@]}"
}

# build IMAGE ROOT: unless it is there with the same content.
build() {
    local image="$1" context="$2" label=counterfoil.content digest
    digest="$(cd "$context/root" && find . \( -type f -o -type l \) -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
    digest="${digest%% *}"
    if [[ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$image" 2>/dev/null)" == "$digest" ]]; then
        echo "image: $image is there, $digest"
        return
    fi
    cat >"$context/Dockerfile" <<DOCKERFILE
FROM scratch
COPY root/ /
LABEL $label="$digest"
DOCKERFILE
    # The classic builder: buildx is a plug-in that Debian's package lacks.
    DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$context"
    echo "image: built $image, $digest"
}

c_runtime "$work/fleet/root"
build "$fleet_image" "$work/fleet"
c_runtime "$work/python/root"
python_runtime "$work/python/root"
build "$python_image" "$work/python"
