"""A generator and a backbone that are ready in a moment, as a stranger's plugins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiny_entry_points import tiny_plugins


@pytest.fixture(autouse=True, scope="module")
def _tiny_plugins() -> Iterator[None]:
    with tiny_plugins():
        yield
