"""Folders of pictures, and `toonify prepare` on them."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from prepared import draw_cartoons, draw_photos, leave_out_pictures
from typer.testing import Result

from toonify.plugins import DatasetSource


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve photographs, some of them in a sub-folder."""
    return draw_photos(tmp_path)


@pytest.fixture
def cartoons(tmp_path: Path) -> Path:
    """Six cartoons."""
    return draw_cartoons(tmp_path)


@pytest.fixture
def prepare(run: Callable[..., Result]) -> Callable[..., Result]:
    """`prepare("photos", "cartoons")`: the command at 32 pixels, in this very process."""

    def prepare(*arguments: str | Path) -> Result:
        given = list(arguments)
        for option, value in (("--size", "32"), ("--workers", "1")):
            given += [] if option in given else [option, value]
        return run("prepare", *given)

    return prepare


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`offer("pairs", Pairs)`: a source of the distribution `acme`; the version offered last counts."""
    offered: dict[str, EntryPoint] = {}
    installed = importlib.metadata.entry_points

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [*installed(group=group), *(found for found in offered.values() if found.group == group)]

    def offer(name: str, source: type[DatasetSource], version: str = "1.0") -> None:
        class Offered(EntryPoint):
            dist = SimpleNamespace(metadata={"Name": "acme"}, version=version)

            def load(self) -> type[DatasetSource]:
                return source

        offered[name] = Offered(name, "acme:Source", "toonify.datasets")
        # Another one each time: what is remembered of one would hide what was offered since.
        monkeypatch.setattr(importlib.metadata, "entry_points", functools.partial(entry_points))

    return offer


@pytest.fixture(autouse=True)
def _without_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "pictured" not in request.fixturenames:
        leave_out_pictures(monkeypatch)


@pytest.fixture
def pictured() -> None:
    """For tests that look at `report.html` or `preview.png`: they are made."""
