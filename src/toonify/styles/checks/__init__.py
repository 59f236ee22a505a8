"""What a stranger's network must be before a runtime may see it, and what it will take once it runs.

`structure` looks at what the file holds, `shapes` works out the size of every value, and `footprint` adds up
memory and operations: no network is run to find out whether it may be.
"""

from toonify.styles.checks.network import Network, read_network

__all__ = ["Network", "read_network"]
