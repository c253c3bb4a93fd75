#!/bin/sh
# Installs Apache Superset in an environment of its own, starts it on loopback with an empty metadata store, and lets
# our checker look at real dashboards. Takes some minutes and some 1.5 GB below build/. $BIN has our own Python.
set -eu
root=$(pwd)
venv=${SUPERSET_VENV:-$root/build/superset}
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

if [ ! -x "$venv/bin/superset" ]; then
    echo "Installing Superset into $venv ..."
    "$BIN/python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r deploy/superset-requirements.txt
fi

port=$("$BIN/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
password=$("$BIN/python" -c 'import secrets; print(secrets.token_hex(12))')
export TEST_SUPERSET_URL="http://127.0.0.1:$port" TEST_SUPERSET_PASSWORD="$password" TEST_SUPERSET_HOME="$home"

superset() {
    (
        unset PYTHONPATH
        export SUPERSET_CONFIG_PATH="$root/tests/superset/superset_config.py" FLASK_APP=superset SUPERSET_HOME="$home"
        export PATH="$venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
        exec python -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' superset "$@"
    )
}

echo "Starting Superset at $TEST_SUPERSET_URL ..."
superset db upgrade >"$home/setup.log" 2>&1 || { tail -n 20 "$home/setup.log" >&2; exit 1; }
superset fab create-admin --username admin --firstname Test --lastname Admin --email admin@example.org \
    --password "$password" >>"$home/setup.log" 2>&1
superset init >>"$home/setup.log" 2>&1
superset run -h 127.0.0.1 -p "$port" --with-threads >"$home/superset.log" 2>&1 &
pid=$!

tries=120
until curl -fs --max-time 2 "$TEST_SUPERSET_URL/health" >/dev/null; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ] || ! kill -0 "$pid" 2>/dev/null; then
        echo "Superset did not start; the end of its log:" >&2
        tail -n 20 "$home/superset.log" >&2
        exit 1
    fi
    sleep 1
done
if ! "$BIN/python" -m pytest tests/superset --timeout 400; then
    echo "The end of Superset's log:" >&2
    tail -n 40 "$home/superset.log" >&2
    exit 1
fi
