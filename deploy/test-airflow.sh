#!/bin/sh
# Installs Airflow 3 in an environment of its own, starts it on loopback with two tiny DAGs, and lets our collector ask
# it. Takes some minutes and some 600 MB below build/. $BIN has our own Python.
set -eu
root=$(pwd)
venv=${AIRFLOW_VENV:-$root/build/airflow}
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

if [ ! -x "$venv/bin/airflow" ]; then
    echo "Installing Airflow into $venv ..."
    "$BIN/python" -m venv "$venv"
    python=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    pins=https://raw.githubusercontent.com/apache/airflow/constraints-latest/constraints-$python.txt
    if curl -fsSL --max-time 20 "$pins" -o "$home/pins.txt" 2>/dev/null; then
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "apache-airflow==3.*" -c "$home/pins.txt"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "apache-airflow==3.*"
    fi
fi

port=$("$BIN/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
password=$("$BIN/python" -c 'import secrets; print(secrets.token_hex(12))')
export TEST_AIRFLOW_URL="http://127.0.0.1:$port" TEST_AIRFLOW_USER=admin TEST_AIRFLOW_PASSWORD="$password"
printf '{"admin": "%s"}' "$password" >"$home/passwords.json"

echo "Starting Airflow at $TEST_AIRFLOW_URL ..."
(
    unset PYTHONPATH
    export AIRFLOW_HOME="$home" AIRFLOW__CORE__DAGS_FOLDER="$root/tests/airflow/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False
    export AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__API__PORT="$port"
    export AIRFLOW__API__BASE_URL="$TEST_AIRFLOW_URL" AIRFLOW__API__WORKERS=1
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=admin:viewer
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE="$home/passwords.json" PATH="$venv/bin:$PATH"
    export PYTHONDONTWRITEBYTECODE=1
    exec python -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' airflow standalone
) >"$home/airflow.log" 2>&1 &
pid=$!

tries=120
until curl -fs --max-time 2 "$TEST_AIRFLOW_URL/api/v2/version" >/dev/null; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ] || ! kill -0 "$pid" 2>/dev/null; then
        echo "Airflow did not start; the end of its log:" >&2
        tail -n 20 "$home/airflow.log" >&2
        exit 1
    fi
    sleep 1
done
if ! "$BIN/python" -m pytest tests/airflow --timeout 400; then
    echo "The end of Airflow's log:" >&2
    tail -n 40 "$home/airflow.log" >&2
    exit 1
fi
