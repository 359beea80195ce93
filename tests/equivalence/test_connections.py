# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In-process, all items of a loop share one connection for each token."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.community.northflank.tests.equivalence import runs
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank


@pytest.mark.parametrize(("in_process", "connections"), [(True, 2), (False, 6)])
def test_connections_of_a_loop(in_process, connections, pythons, tmp_path, monkeypatch):
    place = runs.Place(tmp_path, *pythons)
    with FakeNorthflank() as fake:
        fake.add_token(runs.SECRETS["two"])
        accepted, accept = [], fake._server._accepted
        monkeypatch.setattr(fake._server._listener, "_accepted", lambda sock: [accepted.append(sock), accept(sock)])
        ids = {"project_id": "default-project", "job_id": "example-job"}
        module = {"api_url": fake.url, "api_token": "{{ secret[item] }}", **ids}
        task = {"community.northflank.northflank_job_build_info": module, "loop": ["token", "two"] * 3}
        play = tmp_path / "loop.yml"
        play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
        (tmp_path / "vars.yml").write_text(yaml.safe_dump(runs.variables(place, fake)), encoding="utf-8")
        ran = runs.ansible_playbook(place, fake, in_process, "--extra-vars", "@../vars.yml", f"../{play.name}")
        assert ran.returncode == 0, ran.stdout
        assert (len(fake.calls("list")), len(accepted)) == (6, connections)
