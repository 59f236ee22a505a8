"""`export --to lines`: of a style that inks, a style that draws its ink alone."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.exporting import ExportRequest, export_style
from toonify.exporting.lines import Lines
from toonify.inference import open_runtime
from toonify.networks.inking import INK_COLOUR
from toonify.plugins import create
from toonify.storage import StyleManifest
from toonify.styles import load_style

PICTURES = np.random.default_rng(1).uniform(-1, 1, (1, 48, 64, 3)).astype("float32")


@pytest.fixture(scope="module")
def lines(styles, tmp_path_factory) -> Path:
    """The lines of the tiny `lite`, were its faces painted over; not to be changed."""
    folder = tmp_path_factory.mktemp("lines")
    painted = Path(shutil.copytree(styles("lite"), folder / "lite"))
    dataclasses.replace(StyleManifest.read(painted), painter="faces", close_up=128).write(painted)
    result = export_style(ExportRequest(painted, folder, "lines"))
    assert (result.painter, result.close_up) == ("", 128)
    (exported,) = result.exported
    assert exported.differences.keys() == {"ONNX Runtime"}
    return exported.path


def test_they_are_the_mask_of_the_style_s_own_ink(styles, lines):
    """As it shows in the style's pictures: with ink, and without."""
    parent = open_runtime(load_style(styles("lite")))
    without, inked = (parent.run(PICTURES, {"ink": ink}).astype(float) for ink in (0, 1))
    ink = np.array(INK_COLOUR) * 2 - 1
    strength = create("generators", "lite", {}).ink_strength
    mask = (inked - without) / (strength * (ink - without))
    drawn = open_runtime(load_style(lines)).run(PICTURES)
    clear = np.abs(ink - without) > 0.2  # nearly black places do not show what covers them
    assert clear.mean() > 0.5
    np.testing.assert_allclose(drawn[clear], (1 - 2 * mask)[clear], atol=2e-5)
    assert drawn.std() > 0.01


def test_the_card_beside_them_tells_what_they_are(lines):
    """Not what the whole style draws, nor another program."""
    text = Path(f"{lines}.md").read_text("utf-8")
    assert "# tiny lite-lines, for toonify\n" in text
    assert "It is the style tiny lite-lines in the format `lines`" in text
    assert "Ink alone, black on white: the lines of the style tiny lite\n" in text


def test_paper_and_ink_are_tones(lines):
    runtime = open_runtime(load_style(lines))
    drawn = runtime.run(PICTURES)
    mask = (1 - drawn) / 2
    assert np.ptp(drawn, axis=-1).max() == 0
    np.testing.assert_allclose(
        runtime.run(PICTURES, {"paper": 0.1, "ink": 0.9}), 2 * (0.1 + 0.8 * mask) - 1, atol=1e-6
    )
    assert (
        runtime.run(PICTURES, {"line": 2}).mean() < drawn.mean() < runtime.run(PICTURES, {"line": -2}).mean()
    )


def test_its_card_is_that_of_the_style_it_comes_from(styles, lines):
    parent, card = StyleManifest.read(styles("lite")), StyleManifest.read(lines)
    assert lines.name == "tiny-lite-lines" and card.name == "tiny lite-lines"
    assert (card.licence, card.sources) == (parent.licence, parent.sources)
    assert (card.halo, card.multiple, card.detail) == (parent.halo, parent.multiple, parent.detail)
    assert card.training["lines_of"] == "tiny lite"
    assert list(card.controls) == ["paper", "ink", "line"]


def test_nobody_paints_over_lines(run, lines, tmp_path):
    card = StyleManifest.read(lines)
    assert (card.painter, card.close_up) == ("", 128)
    assert "toonify paints over" not in Path(f"{lines}.md").read_text()
    done = run("export", lines.parent / "lite", "--to", "style", "-o", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["painter"] == "faces"


def test_it_is_a_style_like_any_other(run, lines, picture_file, tmp_path):
    with np.load(lines / "generator.npz") as weights:
        assert weights["head/kernel"].dtype == np.float32
    done = run("convert", picture_file("a.png", mode="RGBA"), "b.png", "--style", lines, "--set", "paper=0.8")
    assert done.exit_code == 0, done.output
    done = run("export", lines, "--to", "onnx", "-o", tmp_path / "onnx", "--json")
    assert json.loads(done.stdout)["exported"][0]["differences"] == {"ONNX Runtime": 0.0}


def refusal(style, output) -> ToonifyError:
    with pytest.raises(ToonifyError) as raised:
        export_style(ExportRequest(style, output, "lines"))
    return raised.value


def test_a_style_that_does_not_ink_is_refused(style, tmp_path):
    error = refusal(style("cartoongan"), tmp_path / "out")
    assert (
        error.message == "the style 'tiny cartoongan' draws no ink by itself: its generator is 'cartoongan'"
    )
    assert not any((tmp_path / "out").iterdir())


def test_a_style_without_its_weights_is_refused(style, tmp_path):
    folder = style()
    (folder / "generator.npz").unlink()
    assert "comes without its weights (generator.npz)" in refusal(folder, tmp_path / "out").message


def test_weights_of_another_training_are_found_out(style, tmp_path):
    folder = style()
    with np.load(folder / "generator.npz") as stored:
        weights = {name: array + np.float32(0.1) for name, array in stored.items()}
    np.savez(folder / "generator.npz", **weights)
    error = refusal(folder, tmp_path / "out")
    assert f"{folder / 'generator.npz'} draws something other than the style" in error.message
    assert "the same training" in error.hint
    assert not any((tmp_path / "out").iterdir())


def test_only_a_style_is_replaced(lines, styles, tmp_path):
    style = load_style(styles("lite"))
    with pytest.raises(ToonifyError, match="is no style: it is not replaced"):
        Lines().check(style, tmp_path)
    Lines().check(style, lines)
    told = Path(shutil.copytree(lines, tmp_path / "told"))
    (told / "README.md").write_text("What I know of these lines")
    with pytest.raises(ToonifyError, match="holds more than a style: replacing it would remove README"):
        Lines().check(style, told)
