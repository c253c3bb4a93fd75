#!/bin/sh
# Makes $VENV with $PYTHON; on a bare Debian the venv module is a package of its own.
set -eu
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Shewhart needs Python 3.11 or newer, found $("$PYTHON" --version 2>&1); name another with: make PYTHON=python3.12 $*" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "Python's venv module is missing; install it (Debian: sudo apt-get install python3-venv) and try again." >&2
        exit 1
    fi
fi
"$PYTHON" -m venv "$VENV"
