#!/usr/bin/env bash
# Starts dockerd if no engine answers, and waits for it. The pid goes to $1, if given, only when this call started it.
set -euo pipefail

pid_file="${1:-}"
log="${TMPDIR:-/tmp}/counterfoil-dockerd.log"
deadline_s=60

answers() { timeout 10 docker info >/dev/null 2>&1; }

if answers; then
    echo "docker: already running"
    exit 0
fi

# A session of its own: an interrupt meant for CI must not take the engine from under running containers.
setsid dockerd >"$log" 2>&1 </dev/null &
pid=$!
[[ -z $pid_file ]] || echo "$pid" >"$pid_file"

give_up_at=$((SECONDS + deadline_s))
until answers; do
    if ! kill -0 "$pid" 2>/dev/null; then
        # Two calls at once: the loser's dockerd ends, the winner's serves both.
        answers && { [[ -z $pid_file ]] || rm -f -- "$pid_file"; exit 0; }
        tail -n 20 "$log" >&2
        echo "docker: dockerd ended, its last lines are above ($log)" >&2
        exit 1
    fi
    if ((SECONDS >= give_up_at)); then
        tail -n 20 "$log" >&2
        echo "docker: dockerd (pid $pid) does not answer after $deadline_s s ($log)" >&2
        kill "$pid"
        exit 1
    fi
    # Sleeps, bounded by give_up_at, between two questions to the engine.
    sleep 0.2
done
echo "docker: started, pid $pid, log in $log"
