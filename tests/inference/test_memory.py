"""How much memory a picture will need."""

from __future__ import annotations

import pytest
from onnx import helper
from tiny_style import MULTIPLE, make_style, model_of, tiny_network

from toonify.inference import open_runtime
from toonify.inference.memory import SLACK, bytes_per_pixel
from toonify.styles import load_style


def test_the_estimate_counts_what_is_alive_at_once():
    # At most: the picture (3 values a pixel), transposed (3), a quarter of 8 channels, and then
    # 3 of the last convolution with 3 of the rearranged ones beside the transposed picture.
    per_pixel = bytes_per_pixel(tiny_network().SerializeToString(), MULTIPLE)
    assert per_pixel == pytest.approx(4 * 9 * SLACK, rel=0.01)


def test_the_estimate_works_for_any_grid():
    assert bytes_per_pixel(tiny_network().SerializeToString(), 24) > 0


def test_shapes_that_cannot_be_known_are_left_out_of_the_estimate():
    nodes = [
        helper.make_node("NonZero", ["picture"], ["somewhere"]),
        helper.make_node("Identity", ["picture"], ["cartoon"]),
    ]
    assert bytes_per_pixel(model_of(nodes, []).SerializeToString(), 1) > 0


def test_a_runtime_needs_as_much_for_each_pixel(tmp_path):
    runtime = open_runtime(load_style(make_style(tmp_path / "mine")))
    assert runtime.memory((1000, 50)) == pytest.approx(50_000 * 4 * 9 * SLACK, rel=0.01)
