#!/bin/sh
# Installs Apache Superset in an environment of its own, starts it on loopback with an empty metadata store, and lets
# our checker look at real dashboards. Takes some minutes and some 1.5 GB below build/. $BIN has our own Python.
set -eu
. deploy/real-server.sh
venv=${SUPERSET_VENV:-$root/build/superset}

if [ ! -x "$venv/bin/superset" ]; then
    echo "Installing Superset into $venv ..."
    "$BIN/python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r deploy/superset-requirements.txt
fi

port=$(free_port)
password=$(new_password)
export TEST_SUPERSET_URL="http://127.0.0.1:$port" TEST_SUPERSET_PASSWORD="$password" TEST_SUPERSET_HOME="$home"

superset() {
    (
        unset PYTHONPATH
        export SUPERSET_CONFIG_PATH="$root/tests/superset/superset_config.py" FLASK_APP=superset SUPERSET_HOME="$home"
        export PATH="$venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
        in_session superset "$@"
    )
}

echo "Starting Superset at $TEST_SUPERSET_URL ..."
superset db upgrade >"$home/setup.log" 2>&1 || { tail -n 20 "$home/setup.log" >&2; exit 1; }
superset fab create-admin --username admin --firstname Test --lastname Admin --email admin@example.org \
    --password "$password" >>"$home/setup.log" 2>&1
superset init >>"$home/setup.log" 2>&1
superset run -h 127.0.0.1 -p "$port" --with-threads >"$home/superset.log" 2>&1 &
pid=$!

wait_for_server Superset "$TEST_SUPERSET_URL/health" "$home/superset.log"
run_tests Superset tests/superset "$home/superset.log"
