"""A tiny style to convert with, and pictures compared as arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_style import make_style, tiny_network


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


@pytest.fixture
def fails(run, style):
    """`fails("in", "out")`: standard output of a conversion of which something has failed."""

    def convert(*arguments: object) -> str:
        result = run("convert", *arguments, "--style", style)
        assert result.exit_code == 1, result.output
        return result.output

    return convert


@pytest.fixture
def converted(run, style):
    """`converted("in", "out")`: standard output of a conversion that has worked."""

    def convert(*arguments: object) -> str:
        result = run("convert", *arguments, "--style", style)
        assert result.exit_code == 0, result.output
        return result.stdout

    return convert


@pytest.fixture
def refuses(run, style):
    """`refuses("in", "out")`: the error of a request that makes no sense; nothing is written."""

    def convert(*arguments: object) -> str:
        before = sorted(Path().rglob("*"))
        result = run("convert", *arguments, "--style", style)
        assert result.exit_code == 2, result.output
        assert sorted(Path().rglob("*")) == before
        return result.stderr

    return convert
