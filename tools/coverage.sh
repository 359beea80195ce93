#!/usr/bin/env bash
# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Measure which lines and branches of plugins/ the unit and the integration tests reach together. The integration targets run in
# Ansible's worker and as modules, and ansible-test sees both. Usage: tools/coverage.sh VENV
set -euo pipefail

least=95  # percent

venv=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
export ANSIBLE_TEST_WORK=$PWD/.cache/coverage
data=$ANSIBLE_TEST_WORK/data
output=$ANSIBLE_TEST_WORK/ansible_collections/community/northflank/tests/output
python=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

rm -rf "$data"
mkdir -p "$data"
for check in units integration; do
  tools/ansible_test.sh "$venv" "$check" --coverage --venv --python "$python"
  cp "$output/coverage/"* "$data/"
done
cp "$data/"* "$output/coverage/"

cd "$output/../.."
coverage() {
  PATH=$venv/bin:$PATH HOME=$ANSIBLE_TEST_WORK/home "$venv/bin/ansible-test" coverage "$1" --venv --python "$python" --requirements --color no "${@:2}"
}
coverage combine
coverage report --show-missing --include "*/northflank/plugins/*" | tee "$ANSIBLE_TEST_WORK/report"
awk -v least="$least" '/^TOTAL / { found = 1; share = $NF + 0 }
  END { if (!found || share < least) { print "Less than " least "% are covered" > "/dev/stderr"; exit 1 } }' "$ANSIBLE_TEST_WORK/report"
