"""Folders of pictures, and `toonify prepare` on them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from prepared import draw
from typer.testing import Result

from toonify.plugins import DatasetSource
from toonify.preparing import pipeline
from toonify.preparing.report import Report


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve photographs, some of them in a sub-folder."""
    for index in range(8):
        draw(tmp_path / "photos" / f"{index}.png", width=60 + index)
    for index in range(4):
        draw(tmp_path / "photos" / "more" / f"{index}.jpg")
    return tmp_path / "photos"


@pytest.fixture
def cartoons(tmp_path: Path) -> Path:
    """Six cartoons."""
    for index in range(6):
        draw(tmp_path / "cartoons" / f"c{index}.png", height=70)
    return tmp_path / "cartoons"


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

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    return offer


@pytest.fixture(autouse=True)
def _without_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person looks at takes longer than the dataset: it is left out but for tests that look at it."""
    if "pictured" not in request.fixturenames:
        monkeypatch.setattr(Report, "write", lambda _, path, __: path.write_text("no charts"))
        monkeypatch.setattr(pipeline, "write_contact_sheet", lambda path, _: path.write_bytes(b"no sheet"))


@pytest.fixture
def pictured() -> None:
    """`report.html` and `preview.png` are made."""
