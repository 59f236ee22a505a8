"""How much memory a picture will need."""

from __future__ import annotations

import pytest
from tiny_style import make_style

from toonify.inference import open_runtime
from toonify.inference.runtime import SLACK
from toonify.styles import load_style


@pytest.mark.parametrize("size", [(1000, 48), (64, 256)])
def test_a_runtime_needs_as_much_for_each_pixel(tmp_path, size):
    # The picture, it transposed, and two of three values a pixel in turn.
    runtime = open_runtime(load_style(make_style(tmp_path / "mine")))
    assert runtime.memory(size) == pytest.approx(size[0] * size[1] * 4 * 12 * SLACK, rel=0.01)
