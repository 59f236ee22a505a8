"""What was asked for is what draws, or it is an error that says what brings it; `auto` takes what pays."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
from films import encode, scene
from onnx import helper, numpy_helper
from tiny_style import make_style

import toonify
from toonify.errors import USAGE, ToonifyError
from toonify.inference import DEVICES, choosing, open_runtime, sessions, sizes
from toonify.inference.devices import CPU_INT8
from toonify.styles import Style, load_style
from toonify.styles.style import MADE_OF

PICTURE = np.random.default_rng(0).uniform(-1, 1, (1, 40, 48, 3)).astype(np.float32)
ELSEWHERE = sorted(DEVICES.keys() - {"cpu"})


@pytest.fixture
def style(tmp_path):
    return load_style(make_style(tmp_path / "mine"))


class Claiming:
    """An ONNX Runtime that has a provider, or says so: the processor does its work.

    Attributes:
        given: What each session was started with: providers, and further arguments.
        shapes: Of the pictures that each takes.
        runs: How often each has drawn, by number.
        most: How many pictures were drawn at a time.
    """

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.given: list[tuple[list, dict]] = []
        self.shapes: list[list[int | str]] = []
        self.runs: Counter[int] = Counter()
        self.starts = True  # otherwise it goes on on the processor, without a word
        self.takes = frozenset({"Conv", "Relu"})
        self.blur = 0.0
        self.most = self._now = 0

    def __getattr__(self, name):
        return getattr(onnxruntime, name)

    def get_available_providers(self) -> list[str]:
        return [self.provider, "CPUExecutionProvider"]

    def InferenceSession(self, model, settings, *, providers, **arguments):
        self.given.append((providers, arguments))
        real = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
        self.shapes.append(real.get_inputs()[0].shape)
        asked = providers[0][0]
        return real if asked == "CPUExecutionProvider" else Session(self, real)


class Session:
    def __init__(self, runtime: Claiming, real) -> None:
        self._runtime, self._real, self._blur = runtime, real, runtime.blur
        self.get_inputs = real.get_inputs
        self._number = len(runtime.shapes) - 1

    def get_providers(self):
        return [self._runtime.provider] * self._runtime.starts + ["CPUExecutionProvider"]

    def get_provider_graph_assignment_info(self):
        for name in ("Conv", "Relu", "Transpose"):
            takes = name in self._runtime.takes
            where = self._runtime.provider if takes else "CPUExecutionProvider"
            yield SimpleNamespace(ep_name=where, get_nodes=lambda name=name: [SimpleNamespace(op_type=name)])

    def run(self, *arguments):
        self._runtime._now += 1
        self._runtime.runs[self._number] += 1
        self._runtime.most = max(self._runtime.most, self._runtime._now)
        (cartoons,) = self._real.run(*arguments)
        time.sleep(0.01)
        self._runtime._now -= 1
        return [cartoons + self._blur]


@pytest.fixture
def nothing_else(monkeypatch):
    """An ONNX Runtime that has the processor alone."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])


@pytest.fixture
def claiming(monkeypatch):
    """`claiming("cuda")`: an ONNX Runtime with that device."""

    def put(device: str) -> Claiming:
        runtime = Claiming(DEVICES[device].provider)
        monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
        return runtime

    return put


def test_an_unknown_device_is_a_usage_error(style):
    with pytest.raises(ToonifyError, match="there is no `device` 'gpu'") as caught:
        open_runtime(style, device="gpu")
    assert (caught.value.exit_code, "auto, coreml, cpu, cuda" in caught.value.hint) == (USAGE, True)


@pytest.mark.parametrize("device", ELSEWHERE)
@pytest.mark.usefixtures("nothing_else")
def test_one_that_is_not_installed_is_an_error_that_names_its_package(style, device):
    with pytest.raises(
        ToonifyError, match=rf"`device` {device} .*{re.escape(DEVICES[device].package)}"
    ) as caught:
        open_runtime(style, device=device)
    assert caught.value.exit_code == USAGE


@pytest.mark.parametrize("device", ELSEWHERE)
def test_one_that_is_asked_for_draws(style, claiming, device):
    runtime = claiming(device)
    opened = open_runtime(style, device=device, threads=2)
    assert (opened.device, opened.precision) == (device, DEVICES[device].precision)
    ((name, options),), arguments = runtime.given[-1]
    assert (name, arguments) == (DEVICES[device].provider, {"enable_fallback": 0})
    assert all("{threads}" not in value for value in options.values())
    np.testing.assert_array_equal(opened.run(PICTURE), open_runtime(style).run(PICTURE))


@pytest.mark.parametrize(("threads", "streams"), [(1, "6"), (3, "2"), (6, "1")])
def test_openvino_is_told_how_many_cores_there_are_and_how_many_pictures(
    style, claiming, monkeypatch, threads, streams
):
    """Or it would draw one of them after the other, on the cores for one."""
    monkeypatch.setattr(sessions, "cores", lambda: 6)
    runtime = claiming("openvino")
    open_runtime(style, device="openvino", threads=threads)
    ((_, options),), _ = runtime.given[-1]
    told = json.loads(options["load_config"])["CPU"]
    assert (told["INFERENCE_NUM_THREADS"], told["NUM_STREAMS"]) == ("6", streams)


def pictures(*sides: int) -> list[np.ndarray]:
    """One for each height."""
    random = np.random.default_rng(1)
    return [random.uniform(-1, 1, (1, side, 48, 3)).astype(np.float32) for side in sides]


def test_a_size_that_comes_again_and_again_gets_a_session_of_its_own(style, claiming):
    processor, runtime = open_runtime(style), claiming("openvino")
    opened = open_runtime(style, device="openvino")
    begun = len(runtime.shapes)
    for picture in pictures(*[40] * (sizes.WORTH_IT + 2), 64, 40):
        np.testing.assert_array_equal(opened.run(picture), processor.run(picture))
    assert runtime.shapes[begun:] == [[1, 40, 48, 3]]


def test_for_a_film_it_is_there_from_the_first_frame_on(style, tmp_path, claiming):
    path = encode(tmp_path / "a.mkv", scene("film", 4))
    runtime = claiming("openvino")
    toonify.convert_film(path, tmp_path / "b.mkv", tmp_path / "mine", device="openvino")
    sized = [number for number, shape in enumerate(runtime.shapes) if shape == [1, 48, 64, 3]]
    assert sized == [len(runtime.shapes) - 1]
    assert runtime.runs[sized[0]] >= 4  # all frames


def test_but_few_sizes_do_and_only_where_it_pays(style, claiming, monkeypatch):
    monkeypatch.setattr(sizes, "WORTH_IT", 4)  # more than there are test pictures of a size
    for device, expected in (("openvino", sizes.MOST), ("cuda", 0)):
        runtime = claiming(device)
        opened = open_runtime(style, device=device)
        begun = len(runtime.shapes)
        for picture in pictures(*range(40, 40 + 8 * (sizes.MOST + 1), 8)) * 4:
            opened.run(picture)
        assert len(runtime.shapes) - begun == expected


def test_side_by_side_a_session_for_a_size_is_started_once(style, claiming):
    runtime = claiming("openvino")
    opened = open_runtime(style, device="openvino")
    begun = len(runtime.shapes)
    with ThreadPoolExecutor(4) as pool:
        drawn = [*pool.map(opened.run, [PICTURE] * 3 * sizes.WORTH_IT)]
    assert all((cartoon == drawn[0]).all() for cartoon in drawn)
    assert len(runtime.shapes) - begun == 1


@pytest.mark.parametrize("harm", [{"blur": 0.5}, {"starts": False}])
def test_one_that_does_not_start_or_draws_something_else_is_not_used(style, claiming, monkeypatch, harm):
    monkeypatch.setattr(sizes, "WORTH_IT", 4)
    processor, runtime = open_runtime(style), claiming("openvino")
    opened = open_runtime(style, device="openvino")
    vars(runtime).update(harm)
    for picture in pictures(*[40] * 6):
        np.testing.assert_array_equal(opened.run(picture), processor.run(picture))
    assert runtime.shapes[-1] == [1, 40, 48, 3]


def test_a_runtime_that_goes_on_on_the_processor_is_not_believed(style, claiming):
    claiming("cuda").starts = False
    with pytest.raises(ToonifyError, match="`device` cuda cannot be used: its driver, or a library"):
        open_runtime(style, device="cuda")


def test_nor_is_a_device_that_leaves_convolutions_to_the_processor(style, claiming):
    claiming("coreml").takes = frozenset({"Relu"})
    with pytest.raises(ToonifyError, match=r"coreml leaves 1 convolution of .* to the processor"):
        open_runtime(style, device="coreml")


def test_nor_one_that_draws_something_else(style, claiming):
    claiming("webgpu").blur = 0.1
    with pytest.raises(ToonifyError, match=r"webgpu draws something other than the processor: .* 26 dB"):
        open_runtime(style, device="webgpu")


def test_a_provider_that_does_not_say_what_runs_where_is_too_old(style, claiming, monkeypatch):
    claiming("cuda")
    monkeypatch.delattr(Session, "get_provider_graph_assignment_info")
    with pytest.raises(ToonifyError) as caught:
        open_runtime(style, device="cuda")
    assert caught.value.hint == "Install onnxruntime-gpu[cuda,cudnn] of version 1.24 or later."


@pytest.mark.parametrize(
    ("device", "instructions", "taken"),
    [
        ("cuda", "", "cuda"),
        ("directml", "", "directml"),
        ("coreml", "", "cpu"),  # nobody has measured whether it pays
        ("openvino", "avx2 avx512f", "cpu"),  # where it takes longer than ONNX Runtime itself
        ("openvino", "avx512f amx_bf16", "openvino"),
    ],
)
def test_auto_takes_what_pays(style, claiming, monkeypatch, device, instructions, taken):
    claiming(device)
    monkeypatch.setattr(choosing, "instructions", lambda: frozenset(instructions.split()))
    assert open_runtime(style, device="auto").device == taken


def quantised(style: Style, made_of: str = "") -> Style:
    """The style, with a generator in 8 bits beside its own, which draws half as strongly."""
    model = onnx.load_model_from_string(style.onnx_bytes())
    model.graph.node.append(helper.make_node("Mul", ["drawn", "half"], ["cartoon"]))
    model.graph.node[-2].output[0] = "drawn"
    model.graph.initializer.append(numpy_helper.from_array(np.float32(0.5), "half"))
    helper.set_model_props(model, {MADE_OF: made_of or style.fingerprint})
    style.files.int8.write_bytes(model.SerializeToString())
    return style


@pytest.mark.usefixtures("nothing_else")
@pytest.mark.parametrize(
    ("has", "version", "precision"),
    [
        ("avx2 avx_vnni", "1.25.0", "int8"),
        ("avx512f avx512_vnni", "1.32.1", "int8"),
        ("avx2", "1.32.1", "float32"),
        ("avx512f avx512_vnni amx_int8", "1.24.4", "float32"),
    ],
)
def test_auto_draws_in_8_bits_where_that_is_faster_and_right(style, monkeypatch, has, version, precision):
    monkeypatch.setattr(onnxruntime, "__version__", version)
    monkeypatch.setattr(choosing, "instructions", lambda: frozenset(has.split()))
    expected = open_runtime(style, device="auto").run(PICTURE)
    opened = open_runtime(quantised(style), device="auto")
    assert (opened.device, opened.precision) == ("cpu", precision)
    np.testing.assert_array_equal(opened.run(PICTURE), expected * (0.5 if precision == "int8" else 1))
    assert open_runtime(style, device="cpu").precision == "float32"


@pytest.mark.usefixtures("nothing_else")
def test_a_generator_in_8_bits_that_was_made_of_another_is_left_alone(style, monkeypatch):
    monkeypatch.setattr(onnxruntime, "__version__", "1.25.0")
    monkeypatch.setattr(choosing, "instructions", lambda: CPU_INT8.instructions)
    assert open_runtime(quantised(style, made_of="another"), device="auto").precision == "float32"


@pytest.mark.parametrize(("version", "told"), [("1.24.4", {"disable_quant_qdq": "1"}), ("1.25.0", {})])
def test_only_a_runtime_that_does_it_right_multiplies_8_bits(style, monkeypatch, version, told):
    class Settings(onnxruntime.SessionOptions):
        def add_session_config_entry(self, key: str, value: str) -> None:
            entries[key.removeprefix("session.")] = value
            super().add_session_config_entry(key, value)

    entries: dict[str, str] = {}
    monkeypatch.setattr(onnxruntime, "__version__", version)
    monkeypatch.setattr(onnxruntime, "SessionOptions", Settings)
    open_runtime(style)
    assert {key: value for key, value in entries.items() if "quant" in key} == told


def test_auto_goes_on_on_the_processor_where_a_device_fails(style, claiming):
    claiming("cuda").starts = False
    assert open_runtime(style, device="auto").device == "cpu"


@pytest.mark.parametrize(("device", "at_a_time"), [("directml", 1), ("cuda", 4)])
def test_sessions_that_take_one_picture_at_a_time_get_one(style, claiming, device, at_a_time):
    runtime = claiming(device)
    opened = open_runtime(style, device=device)
    runtime.most, together = 0, threading.Barrier(4)

    def draw(_: int) -> None:
        together.wait()
        opened.run(PICTURE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(draw, range(4)))
    assert (runtime.most == 1) == (at_a_time == 1)


@pytest.mark.usefixtures("nothing_else")
def test_the_command_says_what_it_took(run, style, picture_file):
    photo = picture_file("photo.png", (64, 48))
    told = json.loads(run("convert", photo, "a.png", "--style", style.path, "--json").stdout)
    assert (told["device"], told["precision"]) == ("cpu", "float32")
    said = run("convert", photo, "b.png", "--style", style.path, "--device", "cpu").stdout
    assert " s on cpu (float32): see b.png" in said
    again = run("convert", photo, "b.png", "--style", style.path, "--device", "cpu", "--json")
    assert json.loads(again.stdout)["device"] is None  # nothing was left to draw


@pytest.mark.usefixtures("nothing_else")
def test_the_command_names_the_option_and_what_brings_the_device(run, style, picture_file):
    photo = picture_file("photo.png", (64, 48))
    result = run("convert", photo, "a.png", "--style", style.path, "--device", "cuda")
    assert result.exit_code == USAGE
    assert "--device cuda needs onnxruntime-gpu[cuda,cudnn], which is not installed" in result.output
    assert not Path("a.png").exists()


def test_from_python(style, picture_file, claiming):
    photo = picture_file("photo.png", (64, 48))
    expected = np.asarray(toonify.convert(photo, style, device="cpu"))
    runtime = claiming("cuda")
    np.testing.assert_array_equal(np.asarray(toonify.convert(photo, style, device="cuda")), expected)
    assert runtime.given[-1][0][0][0] == "CUDAExecutionProvider"


@pytest.mark.skipif(
    "OpenVINOExecutionProvider" not in onnxruntime.get_available_providers(),
    reason="needs onnxruntime-openvino in the place of onnxruntime",
)
@pytest.mark.parametrize("name", ["comic", "drawn", "lines", "storybook"])
def test_the_bundled_styles_on_openvino(name):
    opened = open_runtime(load_style(name), device="openvino")
    assert (opened.device, opened.run(np.zeros((1, 64, 96, 3), np.float32)).shape) == (
        "openvino",
        (1, 64, 96, 3),
    )
