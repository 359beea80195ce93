# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether anybody reads what is written."""

from __future__ import annotations

import os
import pty
import socket

import pytest
from ansible_collections.community.northflank.plugins.module_utils._orphans import has_no_reader


def sockets() -> tuple[int, int]:
    return tuple(end.detach() for end in socket.socketpair())


@pytest.mark.parametrize("open_output", [os.pipe, pty.openpty, sockets])
def test_the_other_end_may_be_closed(open_output):
    outer, inner = open_output()
    assert not has_no_reader(inner)
    os.write(inner, b"x")
    assert not has_no_reader(inner)
    os.close(outer)
    assert has_no_reader(inner)
    os.close(inner)


@pytest.mark.parametrize("path", [os.devnull, "/dev/full", __file__])
def test_a_file_is_always_read(path):
    descriptor = os.open(path, os.O_RDONLY)
    assert not has_no_reader(descriptor)
    os.close(descriptor)
