"""`lite` draws colours and ink, and a tile with its halo is the same as the whole, bit for bit."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.inference import open_onnx
from toonify.networks import to_onnx
from toonify.networks.inking import INK_COLOUR
from toonify.networks.lite import Lite

SIDES = (320, 264)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (1, *SIDES, 3)).astype("float32")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """With weights that let far pixels matter, as those of a trained one do."""
    keras.utils.set_random_seed(1)
    model = Lite(width=4).build()
    generator = np.random.default_rng(1)
    model.set_weights([w + generator.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def run(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("lite") / "lite.onnx"
    to_onnx(model, path)
    return open_onnx(path).run


def test_the_published_shape_has_368728_parameters():
    assert Lite().build().count_params() == 368_728


def test_pictures_stay_in_range_however_large_the_weights(model, picture):
    cartoon = model(picture).numpy()
    assert cartoon.shape == picture.shape
    assert cartoon.min() >= -1 and cartoon.max() <= 1


def test_it_begins_as_nearly_the_picture_with_little_ink(picture):
    lite = Lite(width=4)
    heads = lite.heads(lite.build())(picture[:, :64, :64])
    assert np.abs(heads["colour"] - picture[:, :64, :64]).mean() < 0.1
    assert np.abs(heads["ink"] + 2).mean() < 0.2


def test_the_heads_are_what_the_picture_is_composed_of(model, picture):
    lite = Lite(width=4)
    patch = picture[:, :64, :64]
    heads = lite.heads(model)(patch)
    colour, ink = np.clip(heads["colour"], -1, 1), np.asarray(heads["ink"])
    cover = 0.9 / (1 + np.exp(-(1.3 * ink - 0.3)))
    expected = colour * (1 - cover) + (np.array(INK_COLOUR) * 2 - 1) * cover
    assert colour.shape == (1, 64, 64, 3) and ink.shape == (1, 64, 64, 1)
    np.testing.assert_allclose(model(patch), expected, atol=1e-5)


def test_no_strength_means_no_ink(picture):
    lite = Lite(width=4, ink_strength=0)
    model = lite.build()
    patch = picture[:, :64, :64]
    np.testing.assert_allclose(model(patch), np.clip(lite.heads(model)(patch)["colour"], -1, 1), atol=1e-6)


@pytest.mark.parametrize(
    "tile",
    [
        pytest.param((96, 112, 224, 152), id="inside"),
        pytest.param((0, 0, 64, 64), id="first corner"),
        pytest.param((256, 200, 320, 264), id="last corner"),
        pytest.param((152, 0, 160, 264), id="a thin strip"),
    ],
)
def test_a_tile_with_its_halo_equals_the_whole(run, picture, tile):
    whole = run(picture)
    np.testing.assert_array_equal(_by_tile(run, picture, tile, Lite.halo), _cut(whole, tile))


def test_half_the_halo_would_not_do(run, picture):
    tile = (152, 128, 168, 136)
    assert np.any(_by_tile(run, picture, tile, Lite.halo // 2) != _cut(run(picture), tile))


@pytest.mark.parametrize("options", [{"width": 0}, {"width": 10**9}, {"ink_strength": 1.5}])
def test_options_out_of_range_are_refused_by_name(options):
    with pytest.raises(ToonifyError, match=next(iter(options))) as caught:
        Lite(**options)
    assert caught.value.exit_code == USAGE


def _cut(pixels: np.ndarray, tile: tuple[int, int, int, int]) -> np.ndarray:
    top, left, bottom, right = tile
    return pixels[:, top:bottom, left:right]


def _by_tile(run, picture: np.ndarray, tile: tuple[int, int, int, int], halo: int) -> np.ndarray:
    top, left, bottom, right = tile
    above, before = max(0, top - halo), max(0, left - halo)
    result = run(picture[:, above : bottom + halo, before : right + halo])
    return _cut(result, (top - above, left - before, bottom - above, right - before))
