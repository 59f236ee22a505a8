"""What the processor that the tests run on can do."""

from __future__ import annotations

import platform
from pathlib import Path


def multiplies_8_bits_exactly() -> bool:
    """Whether it adds up products of 8 bits without saturating: x86 does with VNNI alone, ARM always."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return True
    told = Path("/proc/cpuinfo")
    return not told.exists() or "vnni" in told.read_text()
