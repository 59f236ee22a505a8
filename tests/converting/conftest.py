"""A tiny style to convert with, and pictures compared as arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_style import make_style, tiny_network
from typer.testing import Result


@pytest.fixture(scope="session")
def style(tmp_path_factory) -> Path:
    """A style that works in tiles."""
    return make_style(tmp_path_factory.mktemp("styles") / "tiny")


@pytest.fixture(scope="session")
def whole_style(tmp_path_factory) -> Path:
    """A style that must see the whole picture at once."""
    folder = tmp_path_factory.mktemp("styles") / "whole"
    return make_style(folder, halo=None, model=tiny_network(instance_norm=True))


@pytest.fixture
def pixels():
    """`pixels(path)`: the file's pixels, (H, W, channels), uint8."""

    def read(path: Path) -> np.ndarray:
        with Image.open(path) as image:
            return np.asarray(image).copy()

    return read


def ended(result: Result, exit_code: int) -> Result:
    assert result.exit_code == exit_code, result.output
    return result


@pytest.fixture
def fails(run, style):
    """`fails("in", "out")`: output of a conversion of which something has failed."""
    return lambda *arguments: ended(run("convert", *arguments, "--style", style), 1).output


@pytest.fixture
def converted(run, style):
    """`converted("in", "out")`: standard output of a conversion that has worked."""
    return lambda *arguments: ended(run("convert", *arguments, "--style", style), 0).stdout


@pytest.fixture
def refuses(run, style):
    """`refuses("in", "out")`: the error of a request that makes no sense; nothing is written."""

    def convert(*arguments: object) -> str:
        before = sorted(Path().rglob("*"))
        result = ended(run("convert", *arguments, "--style", style), 2)
        assert sorted(Path().rglob("*")) == before
        return result.stderr

    return convert
