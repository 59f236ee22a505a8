"""Chance that depends on nothing but its key: no state, no library version, no order of work."""

from __future__ import annotations

import hashlib
import struct


def uniform(key: str) -> tuple[float, float, float]:
    """Three independent numbers in [0, 1), from the SHA-256 of `key`."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
    # 53 bits are what a float holds: more would round up to 1.
    first, second, third, _ = (number >> 11 for number in struct.unpack("<4Q", digest))
    return first / 2**53, second / 2**53, third / 2**53
