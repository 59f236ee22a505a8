"""Folders of pictures, and `toonify prepare` on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prepared import draw
from typer.testing import Result

from toonify.plugins import DatasetSource, options


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
def offer(monkeypatch: pytest.MonkeyPatch):
    """Make a source available under a name, as if a distribution had brought it."""
    load = options.load_plugin

    def offer(name: str, source: type[DatasetSource]) -> None:
        monkeypatch.setattr(
            options, "load_plugin", lambda group, wanted: source if wanted == name else load(group, wanted)
        )

    return offer
