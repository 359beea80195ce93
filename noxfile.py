# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of Ansible collections, by antsibull-nox, whose settings are in C(antsibull-nox.toml). Run them with C(make nox)."""

# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox>=1.10"]
# ///

from __future__ import annotations

import antsibull_nox
import nox

antsibull_nox.load_antsibull_nox_toml()


@nox.session
def changelog(session: nox.Session) -> None:
    """Run 'antsibull-changelog lint'."""
    session.install("antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the GitHub Actions: their schema, that they are pinned, and that they may do no more than they must."""
    session.install("check-jsonschema", "zizmor")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/ci.yml")
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    session.run("zizmor", "--offline", "--pedantic", ".github")


if __name__ == "__main__":
    nox.main()
