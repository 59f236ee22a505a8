"""A style's generator in ONNX Runtime: what was checked, and nothing else, until it is stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from tiny_style import make_style, model_of

from toonify.errors import ToonifyError
from toonify.inference import open_onnx, open_runtime
from toonify.inference.runtime import SLACK
from toonify.styles import load_style

PICTURES = np.random.default_rng(0).uniform(-1, 1, (2, 40, 48, 3)).astype(np.float32)


@pytest.fixture
def style(tmp_path):
    return load_style(make_style(tmp_path / "mine"))


def test_it_draws_a_batch_of_pictures(style):
    runtime = open_runtime(style)
    cartoons = runtime.run(PICTURES)
    assert (cartoons.shape, cartoons.dtype) == (PICTURES.shape, np.float32)
    np.testing.assert_allclose(runtime.run(PICTURES[1:]), cartoons[1:], atol=1e-6)
    assert (runtime.device, runtime.precision) == ("cpu", "float32")


def test_the_number_of_threads_changes_no_pixel(style):
    one, all_cores = (open_runtime(style, threads=threads).run(PICTURES) for threads in (1, 0))
    np.testing.assert_array_equal(one, all_cores)


@pytest.mark.parametrize("size", [(1000, 48), (64, 256)])
def test_it_needs_as_much_memory_for_each_pixel(style, size):
    # The picture, it transposed, and two of four values a pixel: 16 channels at half the sides.
    assert open_runtime(style).memory(size) == pytest.approx(size[0] * size[1] * 4 * 14 * SLACK, rel=0.01)


def test_what_was_checked_is_what_runs(style):
    # An unknown field of protobuf in front, whose content makes ONNX Runtime take the file for one of
    # its own format, of which nothing has been checked.
    expected = open_runtime(style).run(PICTURES)
    generator = style.files.generator
    generator.write_bytes(b"\x7a\x84\x80\x00ORTM" + generator.read_bytes())
    np.testing.assert_array_equal(open_runtime(style).run(PICTURES), expected)


def test_a_model_that_the_runtime_refuses_is_named_in_a_line(tmp_path):
    nodes = [  # of a type that ONNX allows, and ONNX Runtime has no code for
        helper.make_node("Cast", ["picture"], ["wide"], to=onnx.TensorProto.DOUBLE),
        helper.make_node("Gelu", ["wide"], ["smooth"]),
        helper.make_node("InstanceNormalization", ["smooth", "one", "one"], ["even"]),
        helper.make_node("Cast", ["even"], ["cartoon"], to=onnx.TensorProto.FLOAT),
    ]
    one = numpy_helper.from_array(np.ones(48), "one")
    path = write(tmp_path / "odd.onnx", model_of(nodes, [one], **{"": 20}))
    with pytest.raises(ToonifyError, match=r"odd\.onnx cannot be run: ") as caught:
        open_onnx(path)
    assert "\n" not in caught.value.message


def test_what_would_take_more_than_a_generator_does_is_refused_at_that_size(tmp_path):
    """Each pixel times each other: little for a small picture."""
    nodes = [
        helper.make_node("Reshape", ["picture", "column"], ["a"]),
        helper.make_node("Reshape", ["picture", "row"], ["b"]),
        helper.make_node("MatMul", ["a", "b"], ["c"]),
        helper.make_node("ReduceMean", ["c"], ["mean"], keepdims=0),
        helper.make_node("Add", ["picture", "mean"], ["cartoon"]),
    ]
    sides = {"column": [-1, 1], "row": [1, -1]}
    weights = [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in sides.items()]
    runtime = open_onnx(write(tmp_path / "square.onnx", model_of(nodes, weights)))
    assert runtime.run(np.zeros((1, 32, 32, 3), np.float32)).shape == (1, 32, 32, 3)
    with pytest.raises(
        ToonifyError, match=r"square\.onnx .* needs 1\.2 GB at once for a picture of 5,760 pixels"
    ):
        runtime.run(np.zeros((1, 72, 80, 3), np.float32))


def write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def slow() -> onnx.ModelProto:
    """A network that takes many seconds for a picture of a megapixel."""
    names = ["picture", *(f"x{number}" for number in range(1500)), "cartoon"]
    return model_of([helper.make_node("Pow", [a, "n"], [b]) for a, b in pairwise(names)], [N])


N = numpy_helper.from_array(np.float32(1.1), "n")


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot interrupt itself there")
def test_an_interrupt_ends_a_drawing_in_the_main_thread_and_nothing_else(tmp_path):
    runtime = open_onnx(write(tmp_path / "slow.onnx", slow()), threads=1)
    picture = np.full((1, 1024, 1024, 3), 0.5, np.float32)
    began = time.process_time()
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        runtime.run(picture)
    assert time.process_time() - began < 5  # of many times as much
    assert runtime.run(picture[:, :32, :32]).shape == (1, 32, 32, 3)


def test_stopping_ends_what_runs_and_what_would_run_later(tmp_path):
    runtime = open_onnx(write(tmp_path / "slow.onnx", slow()), threads=1)
    picture = np.full((1, 1024, 1024, 3), 0.5, np.float32)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runtime.run, picture)
        with pytest.raises(NotYet):
            running.result(timeout=0.2)
        runtime.stop()
        for stopped in (running, pool.submit(runtime.run, picture)):
            with pytest.raises(ToonifyError, match=r"^stopped$"):
                stopped.result(timeout=60)
