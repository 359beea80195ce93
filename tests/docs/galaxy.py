# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Galaxy server that has this collection, so that the pages' command to install it can be run as it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextlib.contextmanager
def galaxy(root: Path, ansible_galaxy: Path, folder: Path) -> t.Iterator[str]:
    """Build the collection, and serve it. Gives the address of the server."""
    subprocess.run([ansible_galaxy, "collection", "build", root, "--output-path", folder], check=True, capture_output=True)
    [tarball] = folder.glob("*.tar.gz")
    namespace, name, version = tarball.name.removesuffix(".tar.gz").split("-")
    files: dict[str, bytes] = {"/tarball": tarball.read_bytes()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.partition("?")[0].rstrip("/") or "/")
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: t.Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    collection = f"/api/v3/collections/{namespace}/{name}"
    entry = {"version": version, "href": f"{collection}/versions/{version}/", "requires_ansible": None}
    details = {
        **entry,
        "namespace": {"name": namespace},
        "collection": {"name": name},
        "metadata": {"dependencies": {}},
        "download_url": f"{url}/tarball",
        "artifact": {"filename": tarball.name, "sha256": hashlib.sha256(files["/tarball"]).hexdigest(), "size": len(files["/tarball"])},
        "signatures": [],
    }
    answers = {
        "/api": {"available_versions": {"v3": "v3/"}},
        collection: {"href": collection, "highest_version": {"version": version}},
        f"{collection}/versions": {"meta": {"count": 1}, "links": {"next": None}, "data": [entry]},
        f"{collection}/versions/{version}": details,
    }
    files.update({path: json.dumps(answer).encode() for path, answer in answers.items()})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{url}/api/"
    finally:
        server.shutdown()
        server.server_close()
