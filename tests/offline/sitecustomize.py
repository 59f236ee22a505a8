"""Refuses the network to every Python process of the suite that finds this folder on its path.

Loopback stays open, for tests that serve. Each attempt is also written down: a library may swallow the error.
"""

from __future__ import annotations

import os
import sys
from typing import Any

NOTES = "TOONIFY_TESTS_ATTEMPTS"
"""The variable that names the file in which attempts are written down."""


def refuse_the_network() -> None:
    """From here on, for this process and, by audit hooks, for good."""
    if NOTES in os.environ:
        sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path, or none: it stays on this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not _stays_here(host):
        attempt = f"{event} {host!r} by {' '.join(sys.argv)[:300]}"
        with open(os.environ[NOTES], "a", encoding="utf-8", errors="replace") as notes:
            notes.write(attempt.replace("\n", " ") + "\n")
        raise PermissionError(f"the tests do without the network: {attempt}")


def _stays_here(host: Any) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host is None or host in ("", "localhost", "::1", "0.0.0.0") or host.startswith("127.")


refuse_the_network()
