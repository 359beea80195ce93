#!/usr/bin/env bash
# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the three official Northflank clients, at the versions pinned beside this file, for the conformance tests:
# the Python SDK in a virtual environment of its own, the JavaScript client and the CLI beside each other.
# Asks nothing, and does nothing where they are installed already.

set -euo pipefail

fail() {
    printf 'conformance: %s\n' "$*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "usage: $0 VENV_DIR (the virtual environment that runs the tests; its Python makes the SDK's own)"

base_python=$1/bin/python
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
cache=$here/../../.cache/conformance
sdk_python=$cache/venv/bin/python
stamp=$cache/installed

[ -x "$base_python" ] || fail "there is no Python in the virtual environment $1"
for program in node npm; do
    command -v "$program" >/dev/null || fail "$program is not installed; the JavaScript client and the CLI need Node.js 18 or newer"
done
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ] ||
    fail "Node.js $(node --version) is too old; the JavaScript client and the CLI need 18 or newer"

# Whatever decides what gets installed; another value installs anew.
wanted() {
    (cd -- "$here" && cksum setup.sh requirements.txt package.json package-lock.json)
    "$base_python" --version
    node --version
}

if [ "$(cat -- "$stamp" 2>/dev/null)" = "$(wanted)" ] && "$sdk_python" -c '' 2>/dev/null; then
    exit 0
fi

# The stamp is the last thing written, so an installation that was interrupted starts over.
rm -rf -- "$stamp" "$cache/venv" "$cache/node"
mkdir -p -- "$cache/node"

"$base_python" -m venv "$cache/venv" || fail "cannot make a virtual environment with $base_python"
"$sdk_python" -m pip install --quiet --no-input --disable-pip-version-check -r "$here/requirements.txt" ||
    fail "pip could not install the Python SDK (tests/conformance/requirements.txt)"

cp -- "$here/package.json" "$here/package-lock.json" "$cache/node/"
# No install scripts: the CLI's prints a greeting, the others compile what is optional.
(cd -- "$cache/node" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error </dev/null >/dev/null) ||
    fail "npm could not install the JavaScript client and the CLI (tests/conformance/package.json)"

wanted >"$stamp"
