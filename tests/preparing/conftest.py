"""Folders of pictures, and `toonify prepare` on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prepared import draw
from typer.testing import CliRunner, Result

from toonify.cli.app import app

Prepare = Callable[..., Result]


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
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Runs `toonify prepare …` at 32 pixels in `tmp_path`, in this very process."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Result:
        given = [str(argument) for argument in arguments]
        for option, value in (("--size", "32"), ("--workers", "1")):
            given += [] if option in given else [option, value]
        return CliRunner().invoke(app, ["prepare", *given])

    return run
