"""The page on this machine alone: a small server on the loopback, with the headers that threads ask for."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError, refusal, usage_error
from toonify.exporting.web.site import make_site

if TYPE_CHECKING:
    from toonify.styles import Style

HOST = "127.0.0.1"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gz": "application/octet-stream",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
FOREVER = "public, max-age=31536000, immutable"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",  # these three let WebAssembly use threads
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class PageServer(ThreadingHTTPServer):
    """Serves files from memory, to this machine alone.

    Args:
        site: By path, as `make_site` gives them.
        port: 0 for any that is free.

    Raises:
        ToonifyError: if the port is taken, or not to be had.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # on Windows, two servers would share the port

    def __init__(self, site: Mapping[str, bytes], port: int) -> None:
        self.site = site
        self.policy = f"{_policy(site['index.html'].decode())}; frame-ancestors 'none'"
        try:
            super().__init__((HOST, port), _Handler)
        except OverflowError as error:
            raise usage_error(f"`port` should be 0 to 65535, not {port}") from error
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {refusal(error)}"
            raise ToonifyError(
                f"port {port} {why}", "Give another `port`, or 0 for any that is free."
            ) from error

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """As the base class, but a browser that leaves while a page is loading is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        """As the base class, which would ask the network for the name of this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]


def _policy(page: str) -> str:
    """The page's content security policy; workers take theirs from a header."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    if not found:
        raise ToonifyError("the page names no content security policy", "Install toonify again.")
    return found[1]


class _Handler(BaseHTTPRequestHandler):
    server: PageServer

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        address, _, query = self.path.partition("?")
        path = address.lstrip("/") or "index.html"
        if not self._is_meant_for_us():  # a page elsewhere whose name was made to lead here
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        if path not in self.server.site:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = self.server.site[path]
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", TYPES.get(PurePosixPath(path).suffix, "text/plain; charset=utf-8"))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", FOREVER if query.startswith("v=") else "no-cache")
        self.send_header("Content-Security-Policy", self.server.policy)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _is_meant_for_us(self) -> bool:
        name = (self.headers.get("Host") or "").partition(":")[0]  # of port 80, browsers tell no port
        return name in (HOST, "localhost")

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


def open_page(styles: Sequence[Style], port: int) -> PageServer:
    """A server for a page with these styles; `serve_forever()` runs it, and a `with` block ends it.

    Args:
        styles: In the order of the page's chooser.
        port: 0 for any that is free.

    Raises:
        ToonifyError: as `make_site` and `PageServer`.
    """
    return PageServer(make_site(styles), port)
