"""The styles that come with toonify are what their cards say."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from toonify.inference import open_runtime
from toonify.networks.inking import INK_COLOUR
from toonify.plugins import find_plugins
from toonify.styles import load_style
from toonify.training.terms.colours import yuv
from toonify.training.terms.skin import skin

NAMES = [plugin.name for plugin in find_plugins("styles") if plugin.distribution == "toonify-gan"]
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        pixels = np.asarray(image.convert("RGB").crop((128, 0, 352, 224)), np.float32)
    return pixels[np.newaxis] / 127.5 - 1


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_free_and_lets_one_choose(name):
    style = load_style(name)
    assert style.manifest.name == name
    assert style.size < 3e6
    assert style.manifest.licence and style.manifest.sources and style.manifest.controls
    assert style.weights_bytes() and (style.path / "README.md").is_file()


@pytest.mark.parametrize("name", ["comic", "drawn", "storybook"])
def test_ink_and_colour_are_what_they_are_called(name, photo):
    runtime = open_runtime(load_style(name))
    usual = runtime.run(photo)
    assert runtime.run(photo, {"ink": 0}).mean() > usual.mean() > runtime.run(photo, {"ink": 2}).mean()
    grey = runtime.run(photo, {"ink": 0, "colour": 0})
    assert np.ptp(grey, axis=-1).max() < 1e-5 < np.ptp(usual, axis=-1).max()


def test_storybook_leaves_skin_its_hue(photo):
    style = load_style("storybook")
    vivid = style.manifest.generator_options["saturation"]
    as_learnt = open_runtime(style).run(photo, {"colour": 1 / vivid})
    seen, made = (np.concatenate(yuv(picture)[1:], axis=-1) for picture in (photo, as_learnt))
    face = np.asarray(skin(photo))[..., 0] > 0
    assert face.mean() > 0.1
    # Before the term `skin_colour` it was off by 0.06.
    assert np.abs(made - seen).sum(axis=-1)[face].mean() < 0.03
    assert 1 < vivid < 1.5


def test_lines_are_where_comic_has_its_ink_and_dark_on_faces_too(photo):
    """Its weights are an earlier comic's: today's has bolder lines, paler on features, and around heads."""
    comic, lines = load_style("comic"), load_style("lines")
    runtime = open_runtime(comic)
    without, inked = (runtime.run(photo, {"ink": ink}).astype(float) for ink in (0, 1))
    ink = np.array(INK_COLOUR) * 2 - 1
    mask = (inked - without) / (comic.manifest.generator_options["ink_strength"] * (ink - without))
    clear = np.abs(ink - without) > 0.2  # what is nearly black does not show how much ink covers it
    drawn = (1 - open_runtime(lines).run(photo)) / 2
    inked, bare = clear & (mask > 0.9), clear & (mask < 0.05)
    near = cv2.dilate(drawn[0].max(-1).astype(np.float32), np.ones((5, 5)))  # two pixels to either side
    assert (near[inked[0].any(-1)] > 0.5).mean() > 0.85
    assert (drawn[bare] < 0.1).mean() > 0.9
    assert drawn[clear].sum() > mask[clear].sum()
    assert lines.manifest.licence == comic.manifest.licence
    assert lines.manifest.sources == comic.manifest.sources
