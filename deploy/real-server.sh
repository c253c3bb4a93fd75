# Sourced by the scripts that test against a real server: an environment of its own, a free port, and an end without
# remains. Sets $root and $home; $pid is the leader of the server's session once it is started.
root=$(pwd)
home=$(mktemp -d)
pid=

finish() {
    if [ -n "$pid" ]; then
        kill -TERM "-$pid" 2>/dev/null || true
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            kill -0 "-$pid" 2>/dev/null || break
            sleep 1
        done
        kill -KILL "-$pid" 2>/dev/null || true
    fi
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

# free_port
free_port() {
    "$BIN/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# new_password
new_password() { "$BIN/python" -c 'import secrets; print(secrets.token_hex(12))'; }

# in_session COMMAND ...: in place of this shell, as the leader of a session of its own
in_session() { exec python -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"; }

# wait_for_server NAME URL LOG
wait_for_server() {
    tries=120
    until curl -fs --max-time 2 "$2" >/dev/null; do
        tries=$((tries - 1))
        if [ "$tries" = 0 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "$1 did not start; the end of its log:" >&2
            tail -n 20 "$3" >&2
            exit 1
        fi
        sleep 1
    done
}

# run_tests NAME FOLDER LOG
run_tests() {
    if ! "$BIN/python" -m pytest "$2" --timeout 400; then
        echo "The end of the log of $1:" >&2
        tail -n 40 "$3" >&2
        exit 1
    fi
}
