"""What hangs on bytes alone: chance without a state, and how files are told from changed ones."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path


def uniform(key: str) -> tuple[float, float, float]:
    """Three independent numbers in [0, 1) from the SHA-256 of `key`, whatever the order of work."""
    digest = hashlib.sha256(_bytes(key)).digest()
    # 53 bits are what a float holds: more would round up to 1.
    first, second, third, _ = (number >> 11 for number in struct.unpack("<4Q", digest))
    return first / 2**53, second / 2**53, third / 2**53


def fingerprint(files: Iterable[tuple[str, Path]]) -> str:
    """Changes when a file, each of them with a name, is added, removed or written to."""
    digest = hashlib.sha256()
    for name, path in files:
        try:
            state = path.stat()
            seen = f"{state.st_size} {state.st_mtime_ns}"
        except OSError:
            seen = "unreadable"
        digest.update(_bytes(f"{name} {seen}\n"))
    return digest.hexdigest()


def content_hash(files: Iterable[Path]) -> str:
    """SHA-256 over the bytes of all files in order."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # the names of files may hold bytes that are no text
