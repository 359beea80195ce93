#!/usr/bin/env bash
# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Run the cases on the oldest supported, a middle, the newest and the coming ansible-core, each in a virtual environment under .cache/cores.
#
#   tests/equivalence/cores.sh [argument of pytest ...]
#
# CORES="2.16 2.21" runs some of them only, and TESTS="tests/runner/test_hostile_answers.py" other tests than the cases. Pythons are looked for on
# PATH and among those of pyenv; PYTHON311=… and PYTHON313=… name others.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

python_for() {  # 3.11: a path, or a failure that says what to do
    local version=$1 variable="PYTHON${1/./}" found
    if [[ -n ${!variable:-} ]]; then
        echo "${!variable}"
        return
    fi
    for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python"$version" "$(command -v "python$version" || true)"; do
        # pyenv's shims are there for every version, and work for the chosen ones only.
        if [[ -x $found ]] && "$found" -c '' 2>/dev/null; then
            echo "$found"
            return
        fi
    done
    echo "Python $version is not to be found. Install it, or name it: $variable=/path/to/python$version" >&2
    return 1
}

set_up() {  # 2.16 3.11: the folder of the environment
    local core=$1 python=$2 environment="$root/.cache/cores/$1" site requirement="ansible-core==$1.*"
    if [[ ! -e $environment/.ready ]]; then
        echo "Setting up ansible-core $core in $environment (once) ..." >&2
        rm -rf "$environment"
        "$(python_for "$python")" -m venv "$environment"
        # A specifier that names a pre-release admits pre-releases, of this package only (--pre would admit them of all).
        [[ $core != 2.22 ]] || requirement="ansible-core>=2.22.0.dev0,==2.22.*"
        "$environment/bin/python" -m pip --disable-pip-version-check --quiet install "$requirement" hypothesis requests pytest pytest-xdist
        site=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
        mkdir -p "$site/ansible_collections/community"
        ln -sfn "$root" "$site/ansible_collections/community/northflank"
        touch "$environment/.ready"
    fi
    echo "$environment"
}

declare -A python_of=([2.16]=3.11 [2.19]=3.11 [2.21]=3.13 [2.22]=3.13)
failed=()
read -ra tests <<< "${TESTS:-tests/equivalence}"
cd "$root"
for core in ${CORES:-2.16 2.19 2.21 2.22}; do
    if [[ -z ${python_of[$core]:-} ]]; then
        echo "There is no ansible-core $core here, only: ${!python_of[*]}" >&2
        exit 2
    fi
    environment=$(set_up "$core" "${python_of[$core]}")
    echo "== ansible-core $core"
    "$environment/bin/python" -m pytest "${tests[@]}" -n2 --dist loadgroup -p no:cacheprovider "$@" || failed+=("$core")
done
if (( ${#failed[@]} )); then
    echo "Failed on ansible-core ${failed[*]}" >&2
    exit 1
fi
