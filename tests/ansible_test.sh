#!/usr/bin/env bash
# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Run ansible-test on a copy of this checkout: it insists on a folder ansible_collections/community/northflank, and
# takes the files from Git. Usage: tests/ansible_test.sh VENV sanity [arguments of ansible-test]
set -euo pipefail

venv=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
work=$PWD/.cache/ansible-test
copy=$work/ansible_collections/community/northflank

rm -rf "$copy"
mkdir -p "$copy" "$work/home/.ansible/test/cache"
git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --create --null --files-from=- | tar --extract --directory="$copy"
# Without a repository of its own, the copy would count as ignored by this one: everything skipped, exit code 0.
git -C "$copy" init --quiet
git -C "$copy" add --all

# ansible-test downloads a script that installs pip. Python has what it needs on board, so this works offline, too.
for name in get_pip_20_3_4 get_pip_23_1_2 get_pip_24_2 get_pip_25_2; do
  printf 'import ensurepip\nensurepip.bootstrap(default_pip=True)\n' > "$work/home/.ansible/test/cache/$name.py"
done

cd "$copy"
status=0
HOME=$work/home "$venv/bin/ansible-test" "$@" --color no 2>&1 | tee "$work/log" || status=$?
if grep -qE 'All targets skipped|No tests to run' "$work/log"; then
  echo "ansible-test skipped everything" >&2
  exit 1
fi
exit "$status"
