"""Checks of an untrusted network before a runtime loads it: what it is, and the memory and time it will take.

`structure` looks at what the file holds, `shapes` works out the size of every value, and `footprint` adds up
memory and operations: no network is run to find out whether it may be.
"""

from toonify.styles.checks.network import read_network

__all__ = ["read_network"]
