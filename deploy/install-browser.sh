#!/bin/sh
# Makes sure there is a Chromium for the browser tests: the system's, else Debian's package, else Playwright's build.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
"$BIN/python" -c '
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())' 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
"$BIN/python" -m playwright install chromium && exit 0
echo "No Chromium: the browser tests need one. Install it (Debian: sudo apt-get install chromium) and try again." >&2
exit 1
