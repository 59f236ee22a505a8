"""Plugins that other people's distributions might bring."""

from __future__ import annotations

import importlib.metadata
import sys
import textwrap
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`install("acme-losses", {"losses": {"calm": "acme:Calm"}}, acme="class Calm: ...")`.

    A distribution as pip leaves it: a `.dist-info` folder with entry points beside its modules.
    """
    site = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(site)

    def install(
        distribution: str,
        entry_points: dict[str, dict[str, str]],
        *,
        version: str = "1.0",
        **modules: str,
    ) -> None:
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = []
        for group, names in entry_points.items():
            lines += [f"[toonify.{group}]", *(f"{name} = {value}" for name, value in names.items())]
        (info / "entry_points.txt").write_text("\n".join(lines))
        for name, code in modules.items():
            (site / f"{name}.py").write_text(textwrap.dedent(code))
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()

    return install


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """A list that stands for all entry points of the environment; append real ones to it."""
    known: list[EntryPoint] = []

    def select(*, group: str) -> importlib.metadata.EntryPoints:
        return importlib.metadata.EntryPoints(known).select(group=group)

    monkeypatch.setattr(importlib.metadata, "entry_points", select)
    return known
