"""Offers the plugins of `tiny_plugins`, as if a package had declared them. Imports no framework."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

TINY = [
    importlib.metadata.EntryPoint("tiny", "tiny_plugins:Tiny", "toonify.generators"),
    importlib.metadata.EntryPoint("deep", "tiny_plugins:Deep", "toonify.generators"),
    importlib.metadata.EntryPoint("tiny", "tiny_plugins:TinyBackbone", "toonify.backbones"),
]


@contextmanager
def tiny_plugins() -> Iterator[None]:
    """`--generator tiny`, `--generator deep` and `--backbone tiny`, beside everything that is installed."""
    real = importlib.metadata.entry_points

    def select(**wanted: str) -> importlib.metadata.EntryPoints:
        tiny = [entry for entry in TINY if wanted == {"group": entry.group}]
        found = real(**wanted)
        return importlib.metadata.EntryPoints([*found, *tiny]) if tiny else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.metadata, "entry_points", select)
        yield
