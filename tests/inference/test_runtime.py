"""A style's generator in ONNX Runtime: what was checked, and nothing else, until it is stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_style import make_style, model_of, tiny_network

from toonify.errors import USAGE, ToonifyError
from toonify.inference import OnnxRuntime, open_runtime
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


def test_a_style_that_sees_the_whole_picture(tmp_path):
    folder = make_style(tmp_path / "whole", halo=None, model=tiny_network(instance_norm=True))
    assert open_runtime(load_style(folder)).run(PICTURES).shape == PICTURES.shape


def test_what_was_checked_is_what_runs(style):
    # An unknown field of protobuf in front, whose content makes ONNX Runtime take the file for one of
    # its own format, of which nothing has been checked.
    expected = open_runtime(style).run(PICTURES)
    generator = style.files.generator
    generator.write_bytes(b"\x7a\x84\x80\x00ORTM" + generator.read_bytes())
    np.testing.assert_array_equal(open_runtime(style).run(PICTURES), expected)


def test_an_unknown_device_is_a_usage_error(style):
    with pytest.raises(ToonifyError, match="there is no device 'gpu'") as caught:
        open_runtime(style, device="gpu")
    assert (caught.value.hint, caught.value.exit_code) == ("Choices: cpu.", USAGE)


def test_a_model_that_the_runtime_refuses_is_named_in_a_line():
    node = helper.make_node("Conv", ["picture", "kernel"], ["cartoon"])
    kernel = numpy_helper.from_array(np.zeros((3, 9, 3), np.float32), "kernel")
    with pytest.raises(ToonifyError, match=r"odd\.onnx cannot be run: ") as caught:
        OnnxRuntime(model_of([node], [kernel]).SerializeToString(), Path("odd.onnx"))
    assert "\n" not in caught.value.message


def slow() -> bytes:
    """A network that goes round and round, for many seconds."""
    state = helper.make_tensor_value_info("before", TensorProto.FLOAT, None)
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["goes on"], ["still goes on"]),
            helper.make_node("Sin", ["before"], ["after"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes on", TensorProto.BOOL, []),
            state,
        ],
        [
            helper.make_tensor_value_info("still goes on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
    )
    loop = helper.make_node("Loop", ["rounds", "", "picture"], ["cartoon"], body=body)
    rounds = numpy_helper.from_array(np.array(200_000, np.int64), "rounds")
    return model_of([loop], [rounds]).SerializeToString()


def test_stopping_ends_what_runs_and_what_would_run_later():
    runtime = OnnxRuntime(slow(), Path("slow.onnx"), threads=1)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runtime.run, PICTURES)
        with pytest.raises(NotYet):
            running.result(timeout=0.2)
        runtime.stop()
        for stopped in (running, pool.submit(runtime.run, PICTURES)):
            with pytest.raises(ToonifyError, match=r"^stopped$"):
                stopped.result(timeout=60)
