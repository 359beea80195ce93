# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a worker keeps for the items of a loop."""

from __future__ import annotations

from ansible_collections.community.northflank.plugins.plugin_utils import _action
from ansible_collections.community.northflank.plugins.plugin_utils._action import KEPT, kept_wire


def test_connections_are_not_kept_for_ever():
    tokens = [f"token-{number}" for number in range(3 * KEPT)]
    wires = [kept_wire(token, False) for token in tokens]
    assert kept_wire(tokens[-1], False) is wires[-1]
    assert kept_wire(tokens[0], False) is not wires[0]
    assert len(_action._wires) <= KEPT
