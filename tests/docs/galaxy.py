# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Galaxy server that has this collection, so that the pages' command to install it can be run as it is."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import subprocess
import threading
import typing as t
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextlib.contextmanager
def galaxy(root: Path, ansible_galaxy: Path, folder: Path) -> t.Iterator[str]:
    """Build the collection, and serve it from files. Gives the address of the server."""
    folder = folder / "galaxy"
    subprocess.run([ansible_galaxy, "collection", "build", root, "--output-path", folder], check=True, capture_output=True)
    [tarball] = folder.glob("*.tar.gz")
    namespace, name, version = tarball.name.removesuffix(".tar.gz").split("-")
    content = tarball.read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(SimpleHTTPRequestHandler, directory=str(folder)))
    url = f"http://127.0.0.1:{server.server_port}"
    collection = f"/api/v3/collections/{namespace}/{name}"
    entry = {"version": version, "href": f"{collection}/versions/{version}/", "requires_ansible": None}
    details = {
        **entry,
        "namespace": {"name": namespace},
        "collection": {"name": name},
        "metadata": {"dependencies": {}},
        "download_url": f"{url}/{tarball.name}",
        "artifact": {"filename": tarball.name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)},
        "signatures": [],
    }
    answers = {
        "/api": {"available_versions": {"v3": "v3/"}},
        collection: {"href": collection, "highest_version": {"version": version}},
        f"{collection}/versions": {"meta": {"count": 1}, "links": {"next": None}, "data": [entry]},
        f"{collection}/versions/{version}": details,
    }
    for path, answer in answers.items():
        (folder / path[1:]).mkdir(parents=True, exist_ok=True)
        (folder / path[1:] / "index.html").write_text(json.dumps(answer), encoding="utf-8")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{url}/api/"
    finally:
        server.shutdown()
        server.server_close()
