"""Entry points as an environment of choice would have them."""

from __future__ import annotations

import importlib.metadata
from importlib.metadata import EntryPoint

import pytest


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """A list that stands for all entry points of the environment; append real ones to it."""
    known: list[EntryPoint] = []

    def select(*, group: str) -> importlib.metadata.EntryPoints:
        return importlib.metadata.EntryPoints(known).select(group=group)

    monkeypatch.setattr(importlib.metadata, "entry_points", select)
    return known
