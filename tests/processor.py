"""What the processor that the tests run on can do."""

from __future__ import annotations

from toonify.inference.devices import CPU_INT8
from toonify.resources import instructions


def multiplies_8_bits_exactly() -> bool:
    """Whether sums of 8-bit products do not saturate: of x86's processors, those for which 8 bits pay."""
    has = instructions()
    return "avx2" not in has or CPU_INT8.pays(has)
