#!/bin/sh
# Makes sure that reports can be rendered: Playwright's driver, and a Chromium (the system's, else Debian's package, else
# Playwright's build). With OPTIONAL=1 the product starts all the same where that fails.
set -eu

give_up() {
    echo "$1" >&2
    [ -n "${OPTIONAL:-}" ] || exit 1
    echo "Until then, reports that are checked in a browser are shown as unknown." >&2
    exit 0
}

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

has_driver() { "$BIN/python" -m playwright --version >/dev/null 2>&1; }

has_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return 0
    done
    "$BIN/python" -c '
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())' 2>/dev/null
}

if ! has_driver && ! { apt_install libatomic1 && has_driver; }; then
    give_up "Playwright's driver does not start; install libatomic (Debian: sudo apt-get install libatomic1) and try again."
fi
if ! has_browser; then
    echo "Installing Chromium, which renders the reports ..."
    if ! apt_install chromium && ! "$BIN/python" -m playwright install chromium; then
        give_up "No Chromium: install it (Debian: sudo apt-get install chromium) and try again."
    fi
fi
