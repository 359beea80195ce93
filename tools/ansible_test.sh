#!/usr/bin/env bash
# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Run ansible-test on a copy of this checkout: it insists on a folder ansible_collections/community/northflank, and
# takes the files from Git. Usage: tools/ansible_test.sh VENV sanity|units|integration [arguments of ansible-test]
# Set ANSIBLE_TEST_WORK to work elsewhere than in .cache/ansible-test, for several runs at a time, and ANSIBLE_TEST_TARBALL to test what is in
# a tarball of the collection, as Galaxy does.
#
# The last line says how many tests ran. It is a failure if none did, or if ansible-test skipped one because a program is missing.
set -euo pipefail

venv=$(cd "$1" && pwd)
check=$2
shift
cd "$(dirname "$0")/.."
cache=$PWD/.cache
work=${ANSIBLE_TEST_WORK:-$cache/ansible-test}
copy=$work/ansible_collections/community/northflank

# ansible-test keeps its own environments here; the files that pip downloads are shared by all runs.
mkdir -p "$work/home/.ansible/test/cache" "$work/home/.cache" "$cache/pip"
ln -sfn "$cache/pip" "$work/home/.cache/pip"
rm -rf "$copy"
mkdir -p "$copy"
if [ -n "${ANSIBLE_TEST_TARBALL:-}" ]; then
  tar --extract --file="$ANSIBLE_TEST_TARBALL" --directory="$copy"
else
  git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done | tar --create --null --files-from=- | tar --extract --directory="$copy"
fi
# Without a repository of its own, the copy would count as ignored by this one: everything skipped, exit code 0.
git -C "$copy" init --quiet
echo /tests/output/ >> "$copy/.git/info/exclude"  # For a tarball, which has no .gitignore.
git -C "$copy" add --all

# ansible-test downloads a script that installs pip. Python has what it needs on board, so this works offline, too.
for name in get_pip_20_3_4 get_pip_23_1_2 get_pip_24_2 get_pip_25_2; do
  printf 'import ensurepip\nensurepip.bootstrap(default_pip=True)\n' > "$work/home/.ansible/test/cache/$name.py"
done

cd "$copy"
status=0
PATH=$venv/bin:$PATH HOME=$work/home "$venv/bin/python" "$venv/bin/ansible-test" "$@" --color no 2>&1 | tee "$work/log" || status=$?
if grep -E 'All targets skipped|No tests to run|Required program ".*" not found|^WARNING: Skipping ' "$work/log" >&2; then
  echo "ansible-test skipped what is to be tested" >&2
  exit 1
fi

case $check in
  sanity) ran=$(awk '/^Running sanity test / { n++ } END { print n + 0 }' "$work/log") ;;
  # pytest runs once for modules, once for module_utils, and once for what only the controller has.
  units) ran=$(awk 'match($0, /[0-9]+ passed/) { n += substr($0, RSTART) } END { print n + 0 }' "$work/log") ;;
  # The tasks of each target.
  integration) ran=$(awk 'match($0, / ok=[0-9]+/) { n += substr($0, RSTART + 4) } END { print n + 0 }' "$work/log") ;;
  *) echo "What counts as a test of ansible-test $check is not known here" >&2; exit 2 ;;
esac
echo "ansible-test $check ran $ran tests"
if [ "$status" -eq 0 ] && [ "$ran" -eq 0 ]; then
  exit 1
fi
exit "$status"
