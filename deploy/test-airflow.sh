#!/bin/sh
# Installs Airflow 3 in an environment of its own, starts it on loopback with two tiny DAGs, and lets our collector ask
# it. Takes some minutes and some 600 MB below build/. $BIN has our own Python.
set -eu
. deploy/real-server.sh
venv=${AIRFLOW_VENV:-$root/build/airflow}

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

port=$(free_port)
password=$(new_password)
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
    in_session airflow standalone
) >"$home/airflow.log" 2>&1 &
pid=$!

wait_for_server Airflow "$TEST_AIRFLOW_URL/api/v2/version" "$home/airflow.log"
run_tests Airflow tests/airflow "$home/airflow.log"
