"""What a picture will need, what there is, and who waits."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tiny_style import MULTIPLE, make_style, model_of, tiny_network

from toonify.converting import Converter, memory
from toonify.converting.memory import Budget, available_memory, bytes_per_pixel


def test_the_estimate_counts_what_is_alive_at_once():
    # At most: the picture (3 values a pixel), transposed (3), a quarter of 8 channels, and then
    # 3 of the last convolution with 3 of the rearranged ones beside the transposed picture.
    per_pixel = bytes_per_pixel(tiny_network().SerializeToString(), MULTIPLE)
    assert per_pixel == pytest.approx(4 * 9 * memory._SLACK, rel=0.01)


def test_the_estimate_works_for_any_grid():
    assert bytes_per_pixel(tiny_network().SerializeToString(), 24) > 0


def test_tiles_bound_the_memory_and_wholes_do_not(style, whole_style):
    tiled, whole = Converter(style), Converter(whole_style)
    growth = [c.memory_needed((20_000, 20_000)) / c.memory_needed((10_000, 10_000)) for c in (tiled, whole)]
    decoded = 300_000_000 * memory.BYTES_DECODED
    assert tiled.memory_needed((20_000, 20_000)) - tiled.memory_needed((10_000, 10_000)) == decoded
    assert growth[1] == pytest.approx(4, rel=0.01)


def test_the_machine_says_what_is_free(tmp_path):
    table = tmp_path / "meminfo"
    table.write_text("MemTotal: 100 kB\nMemAvailable:    60 kB\n")
    assert list(memory._of_the_machine(table)) == [60 * 1024]
    assert list(memory._of_the_machine(tmp_path / "none")) == []


def test_a_container_may_have_less_than_its_machine(tmp_path, monkeypatch):
    group = tmp_path / "outer" / "inner"
    group.mkdir(parents=True)
    for folder, limit in ((tmp_path / "outer", "5000"), (group, "max")):
        (folder / "memory.max").write_text(limit + "\n")
        (folder / "memory.current").write_text("3000\n")
        (folder / "memory.stat").write_text("anon 1\ninactive_file 500\n")
    own = ["0::/outer/inner"]
    read = memory._lines
    monkeypatch.setattr(memory, "_lines", lambda p: own if p == Path("/proc/self/cgroup") else read(p))
    assert list(memory._of_the_control_groups(tmp_path)) == [5000 - 3000 + 500]


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux tells")
def test_this_machine_has_memory():
    free = available_memory()
    assert free is not None
    assert free > 1_000_000


def test_large_pictures_wait_for_each_other():
    budget, order = Budget(10), []

    def take(name: str, amount: int) -> None:
        with budget.share(amount):
            order.append(name)

    with budget.share(6):
        waiting = threading.Thread(target=take, args=("large", 6))
        waiting.start()
        take("small", 4)
        assert order == ["small"]
    waiting.join(10)
    assert order == ["small", "large"]


def test_what_is_larger_than_the_budget_goes_alone():
    budget = Budget(10)
    with budget.share(100):
        assert not budget._fits(1)
    assert budget._fits(1)


def test_without_a_limit_nobody_waits():
    budget = Budget(None)
    with budget.share(10**15), budget.share(10**15):
        assert budget._fits(10**15)


def test_shapes_that_cannot_be_known_are_left_out_of_the_estimate(tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("NonZero", ["picture"], ["somewhere"]),
        helper.make_node("Identity", ["picture"], ["cartoon"]),
    ]
    style = make_style(tmp_path / "odd", model=model_of(nodes, []))
    assert Converter(style).memory_needed((100, 100)) > 100 * 100 * memory.BYTES_DECODED
