"""Core ML packages: what stands in them, and what they draw when their program is read back."""

from __future__ import annotations

import json
import shutil
import sys
import weakref
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.exporting import ExportRequest, export_style
from toonify.exporting.coreml import exporter, interpreter, package

pytestmark = pytest.mark.skipif(not find_spec("coremltools"), reason="coremltools is not installed")


def specification(path: Path):
    from coremltools.models.utils import load_spec

    return load_spec(str(path))


@pytest.fixture(scope="module")
def exported(styles, tmp_path_factory):
    """The tiny `lite`; not to be changed."""
    (made,) = export_style(ExportRequest(styles("lite"), tmp_path_factory.mktemp("out"), "coreml")).exported
    return made


def weights(path: Path) -> Path:
    return path / "Data" / "com.apple.CoreML" / "weights" / "weight.bin"


def test_it_says_whether_core_ml_drew(exported):
    name = "Core ML" if sys.platform == "darwin" else exporter.NOT_RUN
    ((runtime, likeness),) = exported.likeness.items()
    assert runtime == name and likeness.largest < 1e-4
    card = Path(f"{exported.path}.md").read_text("utf-8")
    assert f"# tiny lite, for {name}" in card.replace("\\", "")
    assert "multiples of 8, 32 at least and 4096 at most" in card
    assert 'forResource: "tiny-lite"' in card.partition("```swift")[2]
    report = json.loads((exported.path.parent / "export.json").read_text())
    assert list(report["exports"]["tiny-lite.mlpackage"]["likeness"]) == [name]


def test_whoever_reads_its_card_reads_all_of_it(exported):
    below = [*exported.path.rglob("*")]
    assert len(below) == 6
    files, folders = ({path.stat().st_mode for path in below if path.is_dir() == kind} for kind in (0, 1))
    assert files == {Path(f"{exported.path}.md").stat().st_mode}
    assert folders == {exported.path.stat().st_mode}


def test_what_goes_in_and_comes_out(exported):
    description = specification(exported.path).description
    (given,), (made,) = description.input, description.output
    assert (given.name, made.name) == ("picture", "cartoon")
    ranges = [(side.lowerBound, side.upperBound) for side in given.type.multiArrayType.shapeRange.sizeRanges]
    assert ranges == [(1, 16), (32, 4096), (32, 4096), (3, 3)]
    assert given.type.multiArrayType.dataType == made.type.multiArrayType.dataType == 65568  # FLOAT32
    assert description.metadata.license == "CC0-1.0"


@pytest.mark.skipif(sys.platform == "darwin", reason="Core ML itself draws there")
def test_what_is_interpreted_is_what_is_written(exported, tmp_path):
    spoilt = shutil.copytree(exported.path, tmp_path / "spoilt.mlpackage")
    numbers = bytearray(weights(spoilt).read_bytes())
    numbers[-16:] = np.full(4, 9, np.float32).tobytes()  # of the last array: those before have headers
    weights(spoilt).write_bytes(numbers)
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 32, 40, 3)).astype(np.float32)
    whole, changed = (package.interpret(path)(picture) for path in (exported.path, spoilt))
    assert whole.shape == changed.shape and np.abs(whole - changed).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("size", [None, "64x48"])
def test_a_network_that_normalises(styles, tmp_path, size):
    request = ExportRequest(styles("cartoongan"), tmp_path, "coreml", size=size)
    (made,) = export_style(request).exported
    assert max(made.differences.values()) < 1e-3
    shape = specification(made.path).description.input[0].type.multiArrayType
    assert bool(shape.shapeRange.sizeRanges) == (size is None)
    assert size is None or [*shape.shape] == [1, 48, 64, 3]


@pytest.mark.slow
def test_the_bundled_styles(run, tmp_path):
    for style in ("comic", "drawn"):
        result = run("export", style, "--to", "coreml", "-o", tmp_path, "--json")
        assert result.exit_code == 0, result.output
        (likeness,) = json.loads(result.stdout)["exported"][0]["likeness"].values()
        assert likeness["psnr"] > 100


@pytest.mark.skipif(sys.platform == "darwin", reason="Core ML itself draws there")
def test_an_operator_that_is_not_known_is_named(exported, monkeypatch):
    monkeypatch.delitem(interpreter.OPERATORS, "depth_to_space")
    with pytest.raises(ToonifyError, match="its operator depth_to_space is not known"):
        package.interpret(exported.path)


def test_values_are_dropped_after_their_last_use(monkeypatch):
    def operation(given: list[str], made: str) -> SimpleNamespace:
        named = [SimpleNamespace(name=name, val=None) for name in given]
        inputs = {"x": named[0], "values": named[1:], "left_out": None}
        return SimpleNamespace(op_type="first", inputs=inputs, outputs=[SimpleNamespace(name=made)])

    alive: list[weakref.ref] = []

    def first(x, values):
        alive.append(weakref.ref(x))
        counts.append(sum(each() is not None for each in alive))
        return x + 1

    counts: list[int] = []
    monkeypatch.setitem(interpreter.OPERATORS, "first", first)
    chain = [operation(["picture"], "a"), operation(["a"], "b"), operation(["b", "a"], "c")]
    chain += [operation(["c"], "d"), operation(["d"], "e")]
    program = SimpleNamespace(
        operations=chain, outputs=[SimpleNamespace(name="e"), SimpleNamespace(name="b")]
    )
    made = interpreter.interpret_program(program, {"picture": np.zeros(3, np.float32)})
    assert {name: float(value[0]) for name, value in made.items()} == {"e": 5, "b": 2}
    assert counts == [1, 1, 2, 2, 2]  # `a` stays while it is needed, `b` to the end


def test_a_folder_that_is_no_package_stays(styles, tmp_path):
    theirs = tmp_path / "tiny-lite.mlpackage" / "notes.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    with pytest.raises(ToonifyError, match="is no Core ML package: it is not replaced"):
        export_style(ExportRequest(styles("lite"), tmp_path, "coreml", overwrite=True))
    (theirs.parent / "Manifest.json").touch()
    (theirs.parent / "Data" / "com.apple.CoreML").mkdir(parents=True)
    with pytest.raises(ToonifyError, match="more than a Core ML package: replacing it would remove notes"):
        export_style(ExportRequest(styles("lite"), tmp_path, "coreml", overwrite=True))
    assert theirs.read_text() == "mine"


def test_without_coremltools_the_extra_is_named(styles, tmp_path, monkeypatch):
    monkeypatch.setattr("toonify.exporting.base.installed", lambda module: module != "coremltools")
    with pytest.raises(ToonifyError) as caught:
        export_style(ExportRequest(styles("lite"), tmp_path / "out", "coreml"))
    assert caught.value.hint == 'Install it: pip install "toonify-gan[coreml]"'
    assert not (tmp_path / "out").exists()
